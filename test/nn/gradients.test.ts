import { beforeAll, describe, expect, it } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { Dense, densePasses } from "../../src/nn/dense.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { type Grid, sizeOf } from "../../src/nn/grid.js";
import type { Layer, Passes } from "../../src/nn/layer.js";
import { Parameters } from "../../src/nn/parameters.js";
import { Projection, projectionPasses } from "../../src/nn/projection.js";
import { Random } from "../../src/nn/random.js";
import { blockPasses, ResidualBlock } from "../../src/nn/residual-block.js";

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
  { forward, backward }: Passes<Kind>,
  channels: number,
): void {
  const parameters = new Parameters(kernels, true);
  const layer = build(parameters);
  const random = new Random(kernels, 7);
  randomize(parameters, random);
  const input = randomGrid(random, channels);
  parameters.prepare();
  const output = forward(layer, input);
  const direction = randomGrid(random, output.channels);
  const objective = (): number => {
    parameters.prepare();
    const values = kernels.memory.f32(forward(layer, input).pointer, sizeOf(output)).slice();
    const weights = kernels.memory.f32(direction.pointer, sizeOf(output));
    return values.reduce((sum, value, i) => sum + value * weights[i], 0);
  };
  clearGradients(parameters);
  const inputGradient = kernels.memory.f32(backward(layer, direction).pointer, sizeOf(input)).slice();
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
      checkGradients((parameters) => new Dense(parameters, "dense", 7, 5, { activation }), densePasses, 7);
    });
  }

  it("a projection with a branch of two hidden layers", () => {
    checkGradients(
      (parameters) =>
        new Projection(parameters, "projection", {
          inputs: 6,
          outputs: 5,
          hidden: [9, 4],
          activation: "gelu",
          linearLearningRate: 1,
        }),
      projectionPasses,
      6,
    );
  });

  it("a residual block", () => {
    checkGradients((parameters) => new ResidualBlock(parameters, "block", 5, 11, "tanh"), blockPasses, 5);
  });
});

describe("inference", () => {
  it("gives nearly what the training pass gives, and a position's bits do not depend on the grid's size", () => {
    const parameters = new Parameters(kernels, true);
    const block = new ResidualBlock(parameters, "block", 13, 26, "hardSwish");
    const random = new Random(kernels, 3);
    randomize(parameters, random);
    parameters.prepare();
    const channels = 13;
    const [height, width] = [90, 61]; // more rows than a chunk holds
    const values = random.uniforms(height * width * channels);
    const grid: Grid = { batch: 1, height, width, channels, pointer: kernels.memory.place(values) };
    const read = (result: Grid): Float32Array => kernels.memory.f32(result.pointer, sizeOf(result)).slice();
    const trained = read(blockPasses.forward(block, grid));
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
