import { describe, expect, test } from "vitest";
import { estimateCurvature } from "../../../src/codec/search/distortion-curvature.js";
import { Objective } from "../../../src/codec/search/objective.js";
import { multiplierAt } from "../../../src/distortion/multiplier.js";
import { finish } from "../../../src/ground/steps.js";
import { loadKernels } from "../../../src/kernels/instantiate.js";
import type { ModelConfiguration } from "../../../src/models/configuration.js";
import { Network } from "../../../src/models/network.js";
import { rateOf } from "../../../src/models/rate.js";
import type { Grid } from "../../../src/nn/grid.js";
import { Random } from "../../../src/nn/random.js";
import { goldenModel } from "../../vectors/golden-files.js";

const kernels = await loadKernels();
const { memory } = kernels;
const grid = { batch: 1, height: 3, width: 4 };
const lambda = 0.01;
const q = 0.25;

/** Integer symbols near 0 of a network, and pixels that they should come out as, but for the last `missing` rows and columns. */
function setting(network: Network, missing: number, places?: Float32Array<ArrayBuffer>) {
  const [level] = network.levels;
  const { latents, patch, channels, fixedSize, synthesisMargin: margin } = level.configuration;
  const cells = fixedSize ? { ...grid, height: 1, width: 1 } : grid;
  const random = new Random(kernels, 4);
  const count = cells.height * cells.width * latents;
  const values = random.uniforms(count).map((u) => Math.round((2 * u - 1) * 2) + 0);
  const symbols: Grid = { ...cells, channels: latents, pointer: memory.place(values) };
  const [height, width] = [cells.height * patch.height - missing, cells.width * patch.width - missing];
  const wanted = random.uniforms(height * width * channels).map((u) => u - 0.5);
  const pixels: Grid = { batch: 1, height, width, channels, pointer: memory.place(wanted) };
  const weightsOf = (at: number) => ({ error: lambda * (1 + (at - q) / 2), score: 0, means: 0 });
  const objective = new Objective(level, { pixels, left: margin, top: margin }, { q, places }, weightsOf);
  const cost = (at: number, by: number): number => {
    const moved = values.slice();
    moved[at] += by;
    return memory.scope(() => finish(objective.evaluate({ ...symbols, pointer: memory.place(moved) })).cost);
  };
  const { cost: present, ...grids } = finish(objective.evaluate(symbols));
  const read = ({ pointer }: Grid): Float32Array => memory.f32(pointer, count).slice();
  const state = memory.allocate(64);
  kernels.call.seedRandom(3, state);
  const curvature = () => finish(estimateCurvature(level, objective, symbols, grids.gradient, state));
  return {
    ...{ count, cost, present, values, symbols, latents, curvature },
    ...{ gradient: read(grids.gradient), contextGradient: read(grids.contextGradient) },
    ...{ up: read(grids.up), down: read(grids.down) },
    ...{ shiftUp: read(grids.shiftUp), shiftDown: read(grids.shiftDown) },
  };
}

/** Means of the differences between two lists, and of the sizes of the second. */
function compare(left: readonly number[], right: readonly number[]): number {
  const size = right.reduce((sum, value) => sum + Math.abs(value), 0);
  return left.reduce((sum, value, i) => sum + Math.abs(value - right[i]), 0) / size;
}

describe("the objective of refinement", () => {
  test("has the slopes that its cost has, besides those of the symbols' own bits", () => {
    const network = goldenModel("photo").network(kernels, { differentiable: true });
    // How a symbol moves its reconstruction is told apart.
    const share = network.parameters.all.find(({ name }) => name === "centroids.share")!;
    network.parameters.write(share, new Float32Array(share.count));
    const { count, cost, values, symbols, gradient, contextGradient, latents } = setting(network, 1);
    const dequantized = { ...symbols, pointer: memory.allocateFloats(count) };
    const steps = memory.f32(network.levels[0].inverseGain.row(q), latents).slice();
    memory.f32(dequantized.pointer, count).set(values.map((value, i) => value * steps[i % latents]));
    const rate = finish(
      rateOf(network.levels[0].prior, { values: symbols, dequantized, qualities: [q], weights: [1] }),
    );
    const own = memory.f32(rate.gradient.pointer, count).slice();
    const step = 0.01;
    const quotients = Array.from(values, (_, i) => (cost(i, step) - cost(i, -step)) / (2 * step));
    const slopes = Array.from(gradient, (slope, i) => slope + contextGradient[i] + own[i]);
    expect(compare(slopes, quotients)).toBeLessThan(0.01);
  });

  test("has the slopes that its cost has where quality differs from place to place", () => {
    const network = goldenModel("photo").network(kernels, { differentiable: true });
    const share = network.parameters.all.find(({ name }) => name === "centroids.share")!;
    network.parameters.write(share, new Float32Array(share.count));
    const places = Float32Array.from({ length: grid.width * grid.height }, (_, cell) => [-0.5, q, 0.75][cell % 3]);
    const { count, cost, values, gradient, contextGradient, up, down } = setting(network, 1, places);
    const step = 0.01;
    const quotients = Array.from(values, (_, i) => (cost(i, step) - cost(i, -step)) / (2 * step));
    // The slope of a symbol's own bits, to within what they bend.
    const slopes = Array.from(gradient, (slope, i) => slope + contextGradient[i] + (up[i] - down[i]) / 2);
    expect(count).toBe(places.length * goldenModel("photo").configuration.latents);
    expect(compare(slopes, quotients)).toBeLessThan(0.15);
  });

  test("knows that a step moves a reconstruction less than by one", () => {
    const network = goldenModel("photo").network(kernels, { differentiable: true });
    const { count, cost, present, gradient, contextGradient, up, down, shiftUp, shiftDown, curvature, latents } =
      setting(network, 1);
    const { channels } = curvature();
    const sides = [
      { sign: 1, own: up, shift: shiftUp },
      { sign: -1, own: down, shift: shiftDown },
    ];
    // Mean errors of what a step is thought to cost.
    const error = (shiftOf: (shift: number) => number): number =>
      sides.reduce((sum, { sign, own, shift }) => {
        for (let i = 0; i < count; i++) {
          const by = sign * shiftOf(shift[i]);
          const bend = (channels[i % latents] * by * by) / 2;
          const wanted = own[i] + sign * contextGradient[i] + gradient[i] * by + bend;
          sum += Math.abs(cost(i, sign) - present - wanted) / (2 * count);
        }
        return sum;
      }, 0);
    expect(shiftUp.every((shift) => shift > 0 && shift < 1.5)).toBe(true);
    expect(error((shift) => shift)).toBeLessThan(0.8 * error(() => 1));
  });

  test("estimates how the distortion bends", () => {
    const network = goldenModel("photo").network(kernels, { differentiable: true });
    const share = network.parameters.all.find(({ name }) => name === "centroids.share")!;
    network.parameters.write(share, new Float32Array(share.count));
    const { count, cost, present, up, down, latents, curvature } = setting(network, 0);
    const { channels, cells } = curvature();
    const bends = Array.from({ length: latents }, () => 0);
    for (let i = 0; i < count; i++) {
      bends[i % latents] += (cost(i, 1) + cost(i, -1) - 2 * present - up[i] - down[i]) / (count / latents);
    }
    expect(compare(Array.from(channels), bends)).toBeLessThan(0.5);
    expect(cells.length).toBe(grid.width * grid.height);
    expect(cells.reduce((sum, value) => sum + value, 0) / cells.length).toBeCloseTo(1, 0);
  });

  test("tells exactly what a step costs where the synthesis is linear and no symbol predicts another", () => {
    const { configuration } = goldenModel("vector");
    const linear: ModelConfiguration = { ...configuration, synthesis: { hidden: [], blocks: 0, blockHidden: 0 } };
    const network = new Network(kernels, linear, { differentiable: true });
    const random = new Random(kernels, 9);
    for (const parameter of network.parameters.all) {
      network.parameters.write(
        parameter,
        random.uniforms(parameter.count).map((u) => (2 * u - 1) * 0.3),
      );
    }
    network.prepare();
    const { count, cost, gradient, up, down, shiftUp } = setting(network, 0);
    expect(shiftUp.every((shift) => shift === 1)).toBe(true);
    // What bends is the same on both sides.
    for (let i = 0; i < count; i++) expect(cost(i, 1) - cost(i, -1)).toBeCloseTo(up[i] - down[i] + 2 * gradient[i], 1);
  });
});

describe("the multiplier", () => {
  const range = { low: 0.0016, high: 0.05 };

  test("is log-linear between its ends", () => {
    for (let level = 0; level <= 255; level++) {
      const quality = Math.fround((2 * level) / 255 - 1);
      expect(multiplierAt(range, quality) / (range.low * (range.high / range.low) ** ((quality + 1) / 2))).toBeCloseTo(
        1,
        9,
      );
    }
  });

  test("is the same where its range is a single number", () => {
    expect(multiplierAt({ low: 0.01, high: 0.01 }, 0.3)).toBe(0.01);
  });
});
