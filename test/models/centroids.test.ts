import { beforeAll, describe, expect, it } from "vitest";
import { finish } from "../../src/ground/steps.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { Centroids, centroidParts, centroidsPass, initializeCentroids } from "../../src/models/centroids.js";
import { ContextPrior, contextPriorParts } from "../../src/models/context-prior.js";
import { contextRate } from "../../src/models/context-rate.js";
import { Gains, gainParts, gainsPass } from "../../src/models/gains.js";
import type { Distribution, SymbolGrid } from "../../src/models/prior.js";
import { sendStretches } from "../../src/models/rate.js";
import { byteWeights } from "../../src/nn/dense.js";
import { DifferentiableParameters } from "../../src/nn/differentiable-parameters.js";
import { clearGradients } from "../../src/nn/gradients.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../../src/nn/grid.js";
import { prepareLayers } from "../../src/nn/parameters.js";
import { Random } from "../../src/nn/random.js";
import { expectClose } from "../kernels/harness.js";

const channels = 6;
const shape = { batch: 1, height: 7, width: 9, channels };
const step = 1e-2;

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

const read = ({ pointer, ...grid }: Grid): Float32Array =>
  kernels.memory.f32(pointer, sizeOf({ pointer, ...grid })).slice();

/** Numbers in -reach .. reach. */
const drawn = (random: Random, count: number, reach: number): Float32Array<ArrayBuffer> =>
  random.uniforms(count).map((u) => (2 * u - 1) * reach);

const place = (values: Float32Array): Grid => ({ ...shape, pointer: kernels.memory.place(values) });

const drawnGrid = (random: Random, reach: number, change = (x: number): number => x): Grid =>
  place(drawn(random, sizeOf({ ...shape, pointer: 0 }), reach).map(change));

describe("centroids", () => {
  /** Symbols, what they were predicted to be, and shares of the way that differ from channel to channel. */
  function setting() {
    const parameters = new DifferentiableParameters(kernels);
    const centroids = new Centroids(parameters, parameters.place(centroidParts(channels)));
    const random = new Random(kernels, 5);
    const [share] = parameters.all;
    parameters.write(share, drawn(random, channels, 1));
    const symbols = drawnGrid(random, 4, Math.round);
    const distribution: Distribution = { mean: drawnGrid(random, 4), logScale: drawnGrid(random, 1.5) };
    return { parameters, centroids, share, random, symbols, distribution };
  }

  it("start with all of the way", () => {
    const { parameters, centroids, share } = setting();
    initializeCentroids(centroids);
    expect(Array.from(parameters.read(share))).toEqual(new Array(channels).fill(1));
  });

  it("move a channel by its share of the way, and not at all where that is 0", () => {
    const { parameters, centroids, share, symbols, distribution } = setting();
    const movedBy = (value: number): number[] => {
      parameters.write(share, new Float32Array(channels).fill(value));
      const moved = read(centroidsPass(centroids, symbols, distribution).output);
      return Array.from(read(symbols), (symbol, i) => moved[i] - symbol);
    };
    expect(movedBy(0).every((offset) => offset === 0)).toBe(true);
    const [whole, part] = [movedBy(1), movedBy(0.25)];
    expect(Math.max(...whole)).toBeGreaterThan(0.3);
    part.forEach((offset, i) => {
      expect(Math.abs(offset - 0.25 * whole[i])).toBeLessThan(1e-6);
    });
  });

  it("have the gradient by the share that finite differences give, and hand on that by the symbols", () => {
    const { parameters, centroids, share, random, symbols, distribution } = setting();
    const direction = drawnGrid(random, 1);
    const weights = read(direction);
    const objective = (): number =>
      read(centroidsPass(centroids, symbols, distribution).output).reduce(
        (sum, value, i) => sum + value * weights[i],
        0,
      );
    clearGradients(parameters);
    expect(read(centroidsPass(centroids, symbols, distribution).backward(direction))).toEqual(weights);
    const gradient = kernels.memory.f32(share.gradient, channels).slice();
    const values = parameters.read(share);
    const numeric = values.map((_, c) => {
      const moved = (by: number): number => {
        parameters.write(share, values.with(c, values[c] + by));
        return objective();
      };
      return (moved(step) - moved(-step)) / (2 * step);
    });
    const scale = Math.sqrt(numeric.reduce((sum, value) => sum + value * value, 0) / channels);
    expect(scale).toBeGreaterThan(0.1);
    numeric.forEach((value, c) => {
      expect(Math.abs(gradient[c] - value) / scale).toBeLessThan(1e-3);
    });
  });

  it("add to the gradient that is there", () => {
    const { parameters, centroids, share, random, symbols, distribution } = setting();
    const direction = drawnGrid(random, 1);
    clearGradients(parameters);
    const { backward } = centroidsPass(centroids, symbols, distribution);
    const gradient = (): number => kernels.memory.f32(share.gradient, channels)[0];
    backward(direction);
    const once = gradient();
    backward(direction);
    expect(once).not.toBe(0);
    expect(gradient()).toBeCloseTo(2 * once, 4);
  });
});

describe("what a receiver's walk reconstructs", () => {
  const q = 0.25;
  /** But for centroids, which come from tables: of the nearest tenth of the mean, and of the nearest scale. */
  const expectNear = (actual: Float32Array, wanted: Float32Array): void =>
    expectClose(actual, wanted, { absolute: 0.05, relative: 0.02 });

  /** A prior whose parameters are all random, and symbols that it does not expect. */
  function setting() {
    const parameters = new DifferentiableParameters(kernels);
    const gains = new Gains(parameters, parameters.place(gainParts(channels)));
    const centroids = new Centroids(parameters, parameters.place(centroidParts(channels)));
    const priorShape = {
      latents: channels,
      hidden: 9,
      groups: [1, 2, 3],
      activation: "hardSwish",
      weights: byteWeights(),
    } as const;
    const prior = new ContextPrior(parameters, parameters.place(contextPriorParts(priorShape)), gains, centroids);
    const random = new Random(kernels, 23);
    for (const parameter of parameters.all) parameters.write(parameter, drawn(random, parameter.count, 0.5));
    prepareLayers(parameters);
    return { gains, centroids, prior, symbols: drawnGrid(random, 4, Math.round) };
  }
  type Setting = ReturnType<typeof setting>;

  /** The latents that training gives to the synthesis. */
  function trained({ gains, centroids, prior }: Setting, symbols: Grid): Float32Array {
    const qualities = [q];
    const dequantized = gainsPass(gains, symbols, qualities).output;
    const { distribution } = finish(contextRate(prior, { values: symbols, dequantized, qualities, weights: [1] }));
    const centred = centroidsPass(centroids, symbols, distribution!).output;
    return read(gainsPass(gains, centred, qualities).output);
  }

  /** The latents that a receiver gives to it. `spread`: what stands in the place of symbols of channels that are not coded. */
  function received(
    { gains, prior }: Setting,
    floats: Grid,
    known: Pick<SymbolGrid, "covered" | "channels" | "firstRow">,
    spread = 0,
  ): Float32Array {
    const { call, memory } = kernels;
    const count = sizeOf(floats);
    const symbols = gridLike(kernels, floats);
    call.quantize(count, floats.pointer, 100, symbols.pointer);
    const dequantized = gainsPass(gains, floats, [q]).output;
    const sent: Int32Array[] = [];
    for (const { coded, count } of sendStretches(prior, { ...known, symbols, dequantized, q })) {
      sent.push(memory.i32(coded, count).slice());
    }
    const [got, context, reconstructed] = [0, 0, 0].map(() => gridLike(kernels, floats));
    for (const { pointer } of [got, context, reconstructed]) call.fill(count, 0, pointer);
    const above = (known.firstRow ?? 0) * floats.width * channels;
    memory.copy(dequantized.pointer, context.pointer, above * 4);
    const grid = { ...known, symbols: got, dequantized: context, reconstructed, q };
    for (const { coded, count, first, channels: width } of prior.receive(grid)) {
      const values = sent.shift()!.map((symbol, i) => (known.channels?.[first + (i % width)] === 0 ? spread : symbol));
      memory.i32(coded, count).set(values);
    }
    expect(memory.i32(got.pointer + above * 4, count - above).slice()).toEqual(
      memory.i32(symbols.pointer + above * 4, count - above).slice(),
    );
    return read(reconstructed);
  }

  it("is what training gives to the synthesis, but for the rounding of weights and inputs to integers", () => {
    const all = setting();
    const latents = received(all, all.symbols, { covered: undefined });
    expectNear(latents, trained(all, all.symbols));
    const inverseGain = kernels.memory.f32(all.gains.row(q), channels).slice();
    const steps = read(all.symbols).map((symbol, i) => latents[i] / inverseGain[i % channels] - symbol);
    expect(Math.max(...steps.map(Math.abs))).toBeGreaterThan(0.1);
  });

  it("is 0 in channels and cells that are not coded, and what training gives in all others", () => {
    const all = setting();
    const mask = Uint8Array.of(1, 0, 1, 0, 0, 0); // of the second group one, of the third none
    const covered = Uint8Array.from({ length: rowsOf(all.symbols) }, (_, cell) => (cell % 5 === 2 ? 0 : 1));
    const isCoded = (i: number): boolean => mask[i % channels] === 1 && covered[Math.floor(i / channels)] === 1;
    const symbols = place(read(all.symbols).map((symbol, i) => (isCoded(i) ? symbol : 0)));
    const latents = received(all, symbols, { covered, channels: mask }, 77);
    const wanted = trained(all, symbols);
    expect(wanted.some((value, i) => value !== 0 && !isCoded(i))).toBe(true);
    latents.forEach((value, i) => {
      if (!isCoded(i)) expect(value).toBe(0);
    });
    expectNear(
      latents,
      wanted.map((value, i) => (isCoded(i) ? value : 0)),
    );
  });

  it("leaves the rows above a strip alone", () => {
    const all = setting();
    const firstRow = 3;
    const above = firstRow * shape.width * channels;
    const latents = received(all, all.symbols, { covered: undefined, firstRow });
    expect(latents.subarray(0, above).every((value) => value === 0)).toBe(true);
    expectNear(latents.subarray(above), trained(all, all.symbols).subarray(above));
  });
});
