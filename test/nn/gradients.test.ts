import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { type BlockKind, blockKinds, layerTraining } from "../../src/models/layers.js";
import { byteWeights, Dense, denseParts, densePass } from "../../src/nn/dense.js";
import { DifferentiableParameters } from "../../src/nn/differentiable-parameters.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { type Grid, sizeOf } from "../../src/nn/grid.js";
import type { LatentLayer, Layer, Pass } from "../../src/nn/layer.js";
import { Parameters, prepareLayers } from "../../src/nn/parameters.js";
import { Perceptron, perceptronParts, perceptronPass } from "../../src/nn/perceptron.js";
import { Projection, projectionParts, projectionPass } from "../../src/nn/projection.js";
import { Random } from "../../src/nn/random.js";
import { ResidualBlock, residualParts, residualPass } from "../../src/nn/residual-block.js";

const shape = { batch: 2, height: 3, width: 5 };
const step = 1e-2;

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

/** Random numbers in -1 .. 1 for every parameter, so that no branch rests at zero effect. */
function randomize(parameters: Parameters, random: Random): void {
  for (const parameter of parameters.all) {
    parameters.write(
      parameter,
      random.uniforms(parameter.count).map((u) => (2 * u - 1) * 0.5),
    );
  }
}

function randomGrid(random: Random, channels: number): Grid {
  const count = shape.batch * shape.height * shape.width * channels;
  const values = random.uniforms(count).map((u) => 2 * u - 1);
  return { ...shape, channels, pointer: kernels.memory.place(values) };
}

/** Compares analytic gradients with central differences of <output, direction>, by every parameter and by the input. */
function checkGradients<Kind extends Layer>(
  build: (parameters: Parameters) => Kind,
  pass: (layer: Kind, input: Grid) => Pass,
  channels: number,
): void {
  const parameters = new DifferentiableParameters(kernels);
  const layer = build(parameters);
  const random = new Random(kernels, 7);
  randomize(parameters, random);
  const input = randomGrid(random, channels);
  prepareLayers(parameters);
  const { output, backward } = pass(layer, input);
  const direction = randomGrid(random, output.channels);
  const objective = (): number => {
    prepareLayers(parameters);
    const values = kernels.memory.f32(pass(layer, input).output.pointer, sizeOf(output)).slice();
    const weights = kernels.memory.f32(direction.pointer, sizeOf(output));
    return values.reduce((sum, value, i) => sum + value * weights[i], 0);
  };
  // Passes of the same layer on something else, there and back, are no matter to this one.
  const other = pass(layer, randomGrid(random, channels));
  other.backward(randomGrid(random, output.channels));
  clearGradients(parameters);
  const inputGradient = kernels.memory.f32(backward(direction).pointer, sizeOf(input)).slice();
  const gradientsOf = () => parameters.all.map(({ gradient, count }) => kernels.memory.f32(gradient, count).slice());
  const gradients = gradientsOf();
  clearGradients(parameters);
  backward(direction, true);
  expect(gradientsOf(), "of a first layer").toEqual(gradients);
  const differences = (pointer: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => {
      const at = pointer + i * 4;
      const value = kernels.memory.f32(at, 1)[0];
      const moved = (by: number): number => {
        kernels.memory.f32(at, 1)[0] = value + by;
        return objective();
      };
      const difference = (moved(step) - moved(-step)) / (2 * step);
      kernels.memory.f32(at, 1)[0] = value;
      return difference;
    });
  for (const { name, value, gradient, count } of parameters.all) {
    close(name, kernels.memory.f32(gradient, count).slice(), differences(value, count));
  }
  close("input", inputGradient, differences(input.pointer, sizeOf(input)));
}

function close(name: string, analytic: Float32Array, numeric: Float64Array): void {
  const scale = Math.sqrt(numeric.reduce((sum, value) => sum + value * value, 0) / numeric.length);
  expect(scale, `${name} has an effect`).toBeGreaterThan(1e-3);
  numeric.forEach((value, i) => {
    expect(Math.abs(analytic[i] - value) / scale, `${name}[${i}]`).toBeLessThan(0.03);
  });
}

describe("gradients against finite differences", () => {
  for (const activation of ["identity", "gelu", "tanh", "sigmoid"] as const) {
    it(`dense, ${activation}`, () => {
      checkGradients(
        (parameters) => new Dense(parameters, parameters.place(denseParts(7, 5, { activation }))),
        densePass,
        7,
      );
    });
  }

  const shape = { inputs: 6, outputs: 5, hidden: [9, 4], activation: "gelu" } as const;

  it("a projection with a branch of two hidden layers", () => {
    const parts = projectionParts({ ...shape, linearLearningRate: 1 });
    checkGradients((parameters) => new Projection(parameters, parameters.place(parts)), projectionPass, shape.inputs);
  });

  it("a perceptron of two hidden layers", () => {
    const parts = perceptronParts(shape);
    checkGradients((parameters) => new Perceptron(parameters, parameters.place(parts)), perceptronPass, shape.inputs);
  });
});

const block = { channels: 5, hidden: 11, activation: "tanh", weights: byteWeights() } as const;
const kinds: [string, BlockKind][] = Object.entries(blockKinds);

describe.each(kinds)("a block, %s", (name, kind) => {
  const { pass, initialize } = layerTraining[name];
  const make = (parameters: Parameters): LatentLayer => kind.make(parameters, parameters.place(kind.parts(block)));

  it("has the gradients that finite differences give", () => {
    checkGradients(make, pass, block.channels);
  });

  it("is of its name, and starts as the identity", () => {
    const parameters = new DifferentiableParameters(kernels);
    const layer = make(parameters);
    expect(layer.kind).toBe(name);
    const random = new Random(kernels, 5);
    initialize?.(layer, random);
    prepareLayers(parameters);
    const input = randomGrid(random, block.channels);
    const [given, made] = [input, layer.infer(input)].map((grid) => kernels.memory.f32(grid.pointer, sizeOf(grid)));
    expect(made).toEqual(given);
  });

  it("looks no further than it says", () => {
    const parameters = new Parameters(kernels);
    const layer = make(parameters);
    const random = new Random(kernels, 9);
    randomize(parameters, random);
    prepareLayers(parameters);
    const { channels } = block;
    const rows = 2 * layer.reach + 3;
    const grid = { batch: 1, height: rows, width: 4, channels };
    const values = random.uniforms(rows * 4 * channels);
    const lastRow = (values: Float32Array): Float32Array => {
      const result = layer.infer({ ...grid, pointer: kernels.memory.place(values) });
      return kernels.memory.f32(result.pointer, sizeOf(result)).slice((rows - 1) * 4 * channels);
    };
    const changedFrom = (row: number): Float32Array =>
      values.map((value, i) => (i < row * 4 * channels ? -value : value));
    const last = lastRow(values);
    expect(lastRow(changedFrom(rows - 1 - layer.reach))).toEqual(last);
    expect(lastRow(changedFrom(rows - layer.reach))).not.toEqual(last);
  });
});

describe("inference", () => {
  it("gives nearly what the training pass gives, and a position's bits do not depend on the grid's size", () => {
    const parameters = new DifferentiableParameters(kernels);
    const block = new ResidualBlock(
      parameters,
      parameters.place(residualParts({ channels: 13, hidden: 26, activation: "hardSwish", weights: byteWeights() })),
    );
    const random = new Random(kernels, 3);
    randomize(parameters, random);
    prepareLayers(parameters);
    const channels = 13;
    const [height, width] = [90, 61]; // more rows than a chunk holds
    const values = random.uniforms(height * width * channels);
    const grid: Grid = { batch: 1, height, width, channels, pointer: kernels.memory.place(values) };
    const read = (result: Grid): Float32Array => kernels.memory.f32(result.pointer, sizeOf(result)).slice();
    const trained = read(residualPass(block, grid).output);
    const inferred = read(block.infer(grid));
    // Weights are rounded to 255 steps, as they are in files.
    trained.forEach((value, i) => {
      expect(Math.abs(inferred[i] - value)).toBeLessThan(0.02);
    });
    // The first rows alone, with one more below to feed their window.
    const top = read(block.infer({ ...grid, height: 4 }));
    expect(top.subarray(0, 3 * width * channels)).toEqual(inferred.subarray(0, 3 * width * channels));
  });
});
