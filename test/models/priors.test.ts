import { beforeAll, describe, expect, it } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { Centroids, centroidParts } from "../../src/models/centroids.js";
import { ContextPrior, contextPriorParts } from "../../src/models/context-prior.js";
import { Gains, gainParts } from "../../src/models/gains.js";
import {
  contextRows,
  neighbourIndices,
  neighbourOffsets,
  neighbours,
  wavefronts,
} from "../../src/models/neighbours.js";
import type { RateInput } from "../../src/models/prior.js";
import { rateOf, sendStretches } from "../../src/models/rate.js";
import { StaticPrior, staticPriorParts } from "../../src/models/static-prior.js";
import { byteWeights } from "../../src/nn/dense.js";
import { DifferentiableParameters } from "../../src/nn/differentiable-parameters.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { type Grid, gridLike, sizeOf } from "../../src/nn/grid.js";
import { Parameters, prepareLayers } from "../../src/nn/parameters.js";
import { Random } from "../../src/nn/random.js";

const latents = 6;
const step = 1e-2;

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

interface Setting {
  parameters: Parameters;
  gains: Gains;
  prior: StaticPrior | ContextPrior;
  random: Random;
}

/** In a store of their own. */
function centroidsApart(): Centroids {
  const parameters = new Parameters(kernels);
  return new Centroids(parameters, parameters.place(centroidParts(latents)));
}

const build: Record<string, (parameters: Parameters, gains: Gains) => StaticPrior | ContextPrior> = {
  static: (parameters, gains) =>
    new StaticPrior(parameters, parameters.place(staticPriorParts(latents), "prior."), gains),
  context: (parameters, gains) =>
    new ContextPrior(
      parameters,
      parameters.place(
        contextPriorParts({ latents, hidden: 9, groups: [1, 2, 3], activation: "gelu", weights: byteWeights() }),
        "prior.",
      ),
      gains,
      centroidsApart(),
    ),
};

/** A prior whose parameters are all random, so that none rests at zero effect. */
function setting(kind: string): Setting {
  const parameters = new DifferentiableParameters(kernels);
  const gains = new Gains(parameters, parameters.place(gainParts(latents), "inverseGain."));
  const prior = build[kind](parameters, gains);
  const random = new Random(kernels, 11);
  for (const parameter of parameters.all) {
    // Scales around e, away from the bounds of the likelihood, where its gradient is not the derivative by design.
    const middle = parameter.name === "prior.logScale" ? 1 : 0;
    parameters.write(
      parameter,
      random.uniforms(parameter.count).map((u) => middle + (2 * u - 1) * 0.3),
    );
  }
  prepareLayers(parameters);
  return { parameters, gains, prior, random };
}

function randomGrid(random: Random, shape: { batch: number; height: number; width: number }, reach: number): Grid {
  const count = shape.batch * shape.height * shape.width * latents;
  const values = random.uniforms(count).map((u) => (2 * u - 1) * reach);
  return { ...shape, channels: latents, pointer: kernels.memory.place(values) };
}

describe.each(["static", "context"])("the %s prior", (kind) => {
  it("has, by what values were rounded from, the slope of the bits under uniform noise", () => {
    const { prior, random } = setting(kind);
    const shape = { batch: 2, height: 2, width: 3 };
    const unrounded = randomGrid(random, shape, 3);
    const count = sizeOf(unrounded);
    const latent = kernels.memory.f32(unrounded.pointer, count).slice();
    const [qualities, weights] = [
      [-0.4, 0.7],
      [0.8, 1.3],
    ];
    const dequantized = randomGrid(random, shape, 2);
    const rateAt = (values: Float32Array<ArrayBuffer>, more = {}) => {
      const grid = { ...unrounded, pointer: kernels.memory.place(values) };
      return finish(rateOf(prior, { values: grid, dequantized, qualities, weights, ...more }));
    };
    const costAt = (values: Float32Array<ArrayBuffer>): number =>
      rateAt(values).bits.reduce((sum, bits, image) => sum + bits * weights[image], 0);
    const rounded = rateAt(latent.map(Math.round));
    const result = rateAt(latent.map(Math.round), { unrounded });
    expect(result.bits).toEqual(rounded.bits);
    const slopes = kernels.memory.f32(result.gradient.pointer, count).slice();
    slopes.forEach((slope, i) => {
      const moved = (by: number): number => costAt(latent.map((value, j) => (i === j ? value + by : value)));
      expect(slope).toBeCloseTo(moved(0.5) - moved(-0.5), 3);
    });
  });

  it("has the gradients that finite differences give, by values, context and parameters", () => {
    const { parameters, prior, random } = setting(kind);
    const shape = { batch: 2, height: 3, width: 4 };
    const input: RateInput = {
      values: randomGrid(random, shape, 3),
      dequantized: randomGrid(random, shape, 2),
      qualities: [-0.4, 0.7],
      weights: [0.8, 1.3],
    };
    const objective = (): number => {
      prepareLayers(parameters);
      return finish(rateOf(prior, input)).bits.reduce((sum, bits, image) => sum + bits * input.weights[image], 0);
    };
    clearGradients(parameters);
    const { gradient, contextGradient } = finish(rateOf(prior, input));
    const count = sizeOf(input.values);
    const analytic = [
      { name: "values", at: input.values.pointer, gradient: kernels.memory.f32(gradient.pointer, count).slice() },
      ...(contextGradient
        ? [
            {
              name: "context",
              at: input.dequantized.pointer,
              gradient: kernels.memory.f32(contextGradient.pointer, count).slice(),
            },
          ]
        : []),
      ...parameters.all
        .filter(({ name }) => kind === "context" || name.startsWith("prior."))
        .map((parameter) => ({
          name: parameter.name,
          at: parameter.value,
          gradient: kernels.memory.f32(parameter.gradient, parameter.count).slice(),
        })),
    ];
    for (const tensor of analytic) {
      const numeric = Float64Array.from(tensor.gradient, (_, i) => {
        const at = tensor.at + i * 4;
        const value = kernels.memory.f32(at, 1)[0];
        const moved = (by: number): number => {
          kernels.memory.f32(at, 1)[0] = value + by;
          return objective();
        };
        const difference = (moved(step) - moved(-step)) / (2 * step);
        kernels.memory.f32(at, 1)[0] = value;
        return difference;
      });
      const scale = Math.sqrt(numeric.reduce((sum, value) => sum + value * value, 0) / numeric.length);
      expect(scale, `${tensor.name} has an effect`).toBeGreaterThan(1e-3);
      numeric.forEach((value, i) => {
        expect(Math.abs(tensor.gradient[i] - value) / scale, `${tensor.name}[${i}]`).toBeLessThan(0.03);
      });
    }
  });

  it.each([
    [1, 1, false],
    [1, 9, false],
    [9, 1, false],
    [5, 4, false],
    [7, 13, true],
  ])(
    "walks a grid of %i x %i cells to the same symbols and tables at both ends (holes: %s)",
    (height, width, holes) => {
      const { gains, prior, random } = setting(kind);
      const cells = height * width;
      const covered = holes ? Uint8Array.from({ length: cells }, () => (random.uniform() < 0.6 ? 1 : 0)) : undefined;
      const shape = { batch: 1, height, width };
      const symbols = randomGrid(random, shape, 4);
      kernels.call.quantize(sizeOf(symbols), symbols.pointer, 100, symbols.pointer);
      const values = kernels.memory.i32(symbols.pointer, sizeOf(symbols));
      covered?.forEach((bit, cell) => {
        if (!bit) values.fill(0, cell * latents, (cell + 1) * latents);
      });
      const q = 0.25;
      const dequantized = gridLike(kernels, symbols);
      kernels.call.dequantize(cells, latents, symbols.pointer, gains.row(q), dequantized.pointer);

      const sent: { coded: Int32Array; tables: Uint8Array }[] = [];
      for (const { coded, tables, count } of sendStretches(prior, { symbols, dequantized, covered, q })) {
        sent.push({
          coded: kernels.memory.i32(coded, count).slice(),
          tables: kernels.memory.u8(tables, count).slice(),
        });
      }
      const coded = covered ? covered.reduce((sum, bit) => sum + bit, 0) : cells;
      expect(sent.reduce((sum, stretch) => sum + stretch.coded.length, 0)).toBe(coded * latents);

      const [received, context] = [gridLike(kernels, symbols), gridLike(kernels, symbols)];
      for (const grid of [received, context]) kernels.call.fill(sizeOf(grid), 0, grid.pointer);
      let next = 0;
      for (const stretch of prior.receive({ symbols: received, dequantized: context, covered, q })) {
        const { coded, tables } = sent[next++];
        expect(kernels.memory.u8(stretch.tables, stretch.count)).toEqual(tables);
        kernels.memory.i32(stretch.coded, stretch.count).set(coded);
      }
      expect(next).toBe(sent.length);
      const read = (grid: Grid): Int32Array => kernels.memory.i32(grid.pointer, sizeOf(grid)).slice();
      expect(read(received)).toEqual(read(symbols));
      expect(read(context)).toEqual(read(dequantized));
    },
  );
});

describe("neighbours", () => {
  it("are as many, and as far above, as is said", () => {
    expect(neighbours).toBe(neighbourOffsets.length);
    expect(contextRows).toBe(Math.max(...neighbourOffsets.map(([, dy]) => -dy)));
  });
});

describe("wavefronts", () => {
  it.each([
    [1, 1],
    [1, 6],
    [6, 1],
    [5, 3],
    [4, 9],
  ])("visit every cell of %i x %i once, after its neighbours", (width, height) => {
    const seen = new Set<number>();
    for (const front of wavefronts({ width, height }, undefined)) {
      for (const neighbours of neighbourIndices(front, { width, height })) {
        for (const cell of neighbours) if (cell >= 0) expect(seen).toContain(cell);
      }
      for (const cell of front) {
        expect(seen).not.toContain(cell);
        seen.add(cell);
      }
    }
    expect(seen.size).toBe(width * height);
  });

  it("take neighbours from the same grid of a batch only", () => {
    const cells = Int32Array.from({ length: 12 }, (_, cell) => cell); // two grids of 3 x 2
    const indices = neighbourIndices(cells, { width: 3, height: 2 });
    expect(indices.map((list) => list[6])).toEqual(neighbourOffsets.map(() => -1));
    expect(indices.map((list) => list[10])).toEqual([9, 7, 6, 8]);
  });
});
