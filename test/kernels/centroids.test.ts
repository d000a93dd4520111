import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernels } from "../../src/kernels/kernels.js";
import * as float32 from "../reference/float32.js";
import * as twin from "../reference/likelihood.js";
import { builds } from "./builds.js";
import { callWith, counts, expectClose, samples, seeds, spaced } from "./harness.js";

function run(kernels: Kernels, symbols: Float32Array, mean: Float32Array, logScale: Float32Array): Float32Array {
  const arrays: Float32Array[] = [symbols, mean, logScale, new Float32Array(symbols.length)];
  return callWith(kernels, arrays, (call, s, m, l, output) => call.centroids(symbols.length, s, m, l, output))[3];
}

/** Symbols from the middle of their densities to far out in the tails; scales from below the smallest deviation to e^3. */
function drawn(count: number, seed: number) {
  const logScale = samples(count, seed, 2).map((x) => Math.min(x, 3));
  const mean = samples(count, seed + 1, 3);
  const symbols = samples(count, seed + 2, 3).map((x, i) => Math.round(mean[i] + x * Math.exp(logScale[i])));
  return { symbols, mean, logScale };
}

/** The mean of the density within the bin by the trapezoidal rule, less the bin's middle. */
function integrated(symbol: number, mean: number, deviation: number): number {
  const steps = 4000;
  let [mass, moment] = [0, 0];
  for (let i = 0; i <= steps; i++) {
    const offset = i / steps - 0.5;
    const density = Math.exp(-(((symbol + offset - mean) / deviation) ** 2) / 2) * (i % steps === 0 ? 0.5 : 1);
    mass += density;
    moment += density * offset;
  }
  return moment / mass;
}

test("the twin is the mean of the density within the bin", () => {
  const cases = [
    [0, 0.3, 0.5],
    [1, -0.2, 1],
    [-3, 0.4, 1.5],
    [2, 0, 0.4],
    [5, 5.5, 0.2],
    [9, 1, 8],
    [-40, 2, 20],
  ];
  const offsets = cases.map(([symbol, mean, deviation]) => twin.centroid(symbol, mean, Math.log(deviation)));
  const wanted = cases.map(([symbol, mean, deviation]) => integrated(symbol, mean, deviation));
  expectClose(offsets, wanted, { absolute: 1e-6 });
});

describe.each(builds)("centroids, $name build", ({ kernels }) => {
  test("agree with their twin at any length", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const { symbols, mean, logScale } = drawn(count, seed);
        const actual = run(kernels, symbols, mean, logScale);
        symbols.forEach((symbol, i) => {
          const error = Math.abs(actual[i] - twin.centroid(symbol, mean[i], logScale[i]));
          // A difference of two tails, whose error grows with the deviation, is what a distance is compared with.
          const distance = Math.abs(symbol - mean[i]) + 1;
          expect(error).toBeLessThan(distance * (2e-6 + 2e-6 * Math.exp(logScale[i])));
        });
      }),
    );
  });

  test("are the bits that docs/FORMAT.md describes", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const { symbols, mean, logScale } = drawn(count, seed);
        const wanted = symbols.map((symbol, i) => float32.centroid(symbol, mean[i], logScale[i]));
        expect(run(kernels, symbols, mean, logScale)).toEqual(wanted);
      }),
    );
  });

  test("lie towards the mean, at most half a step away, and mirror at the mean", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const { symbols, mean, logScale } = drawn(count, seed);
        const negative = (values: Float32Array) => values.map((x) => -x);
        const actual = run(kernels, symbols, mean, logScale);
        actual.forEach((offset, i) => {
          expect(Math.abs(offset)).toBeLessThanOrEqual(0.5);
          expect(offset * (mean[i] - symbols[i])).toBeGreaterThanOrEqual(0);
        });
        expect(run(kernels, negative(symbols), negative(mean), logScale)).toEqual(negative(actual));
      }),
    );
  });

  test("reach the mean itself under narrow densities, and stay in the middle under wide ones", () => {
    const mean = spaced(9, -0.3, 0.3);
    const symbols = new Float32Array(9);
    // The smallest deviation bounds the narrow ones: two of them lie between the mean and the nearer edge.
    for (const logScale of [Math.log(0.11), -3, -40]) {
      expectClose(run(kernels, symbols, mean, new Float32Array(9).fill(logScale)), mean, { absolute: 0.03 });
    }
    for (const offset of run(kernels, symbols, mean, new Float32Array(9).fill(4)))
      expect(Math.abs(offset)).toBeLessThan(1e-3);
  });

  test("keep to a hundredth of a step up to deviations of 128 steps", () => {
    const count = 513;
    const mean = new Float32Array(count).fill(0.25);
    for (const deviation of [16, 64, 128]) {
      const logScale = new Float32Array(count).fill(Math.log(deviation));
      const symbols = spaced(count, -4 * deviation, 4 * deviation).map(Math.round);
      const wanted = symbols.map((symbol, i) => twin.centroid(symbol, mean[i], logScale[i]));
      expectClose(run(kernels, symbols, mean, logScale), wanted, { absolute: 0.01 });
    }
  });

  test("far out lie at the edge of the bin that is nearer to the mean", () => {
    const symbols = Float32Array.of(12, -12, 1e4, -1e6, 3e9);
    const actual = run(kernels, symbols, new Float32Array(5), Float32Array.of(0, 0, -40, 2, -2));
    expect(Array.from(actual)).toEqual([-0.5, 0.5, -0.5, 0.5, -0.5]);
  });

  test("stay finite under scales beyond all bounds", () => {
    const symbols = Float32Array.of(0, 3, -3, 1e6);
    for (const logScale of [40, 80, 200, Number.POSITIVE_INFINITY]) {
      const actual = run(kernels, symbols, Float32Array.of(0.5, 0, 0, 0), new Float32Array(4).fill(logScale));
      for (const offset of actual) expect(Math.abs(offset)).toBeLessThanOrEqual(0.5);
    }
  });
});
