import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernels } from "../../src/kernels/kernels.js";
import * as twin from "../reference/likelihood.js";
import { builds } from "./builds.js";
import { callWith, counts, differenceQuotient, expectClose, samples, seeds } from "./harness.js";

const densities = [
  { name: "gaussianBits", density: twin.gaussian },
  { name: "logisticBits", density: twin.logistic },
] as const;
type Name = (typeof densities)[number]["name"];

const weight = 0.7;

function run(kernels: Kernels, name: Name, value: Float32Array, mean: Float32Array, logScale: Float32Array) {
  const empty = () => new Float32Array(value.length);
  const arrays = [value, mean, logScale, empty(), empty(), empty(), Float64Array.of(1)] as const;
  const results = callWith(kernels, [...arrays], (call, v, m, s, byValue, byMean, byScale, total) =>
    call[name](value.length, v, m, s, weight, byValue, byMean, byScale, total),
  );
  return { value: results[3], mean: results[4], logScale: results[5], bits: (results[6][0] - 1) / weight };
}

describe.each(densities)("$name", ({ name, density }) => {
  test("the gradient of the twin is the derivative of its bits", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (value, mean, logScale) => {
          const { bits } = twin;
          fc.pre(bits(density, value, mean, logScale) < 29); // the bound of the probability has a rule of its own
          const gradient = twin.bitsGradient(density, value, mean, logScale);
          const quotients = [
            differenceQuotient((x) => bits(density, x, mean, logScale), value),
            differenceQuotient((x) => bits(density, value, x, logScale), mean),
            differenceQuotient((x) => bits(density, value, mean, x), logScale),
          ];
          expectClose([gradient.value, gradient.mean, gradient.logScale], quotients, {
            relative: 1e-5,
            absolute: 1e-6,
          });
        },
      ),
    );
  });

  describe.each(builds)("$name build", ({ kernels }) => {
    test("agrees with its twin at any length", () => {
      fc.assert(
        fc.property(counts, seeds, (count, seed) => {
          const logScale = samples(count, seed, 1.5).map((x) => Math.min(x, 3));
          const mean = samples(count, seed + 1, 3);
          // From the middle of the density to beyond the bound of the probability.
          const value = samples(count, seed + 2, 3).map((x, i) => mean[i] + x * Math.exp(logScale[i]));
          const actual = run(kernels, name, value, mean, logScale);
          const gradients = Array.from(value, (x, i) => twin.bitsGradient(density, x, mean[i], logScale[i]));
          // Near a bound the kernel and its twin may fall on different sides.
          const atBound = (i: number) => Math.abs(Math.exp(logScale[i]) - twin.smallestDeviation) < 1e-5;
          for (const key of ["value", "mean", "logScale"] as const) {
            const wanted = gradients.map((gradient, i) => (atBound(i) ? actual[key][i] : weight * gradient[key]));
            expectClose(actual[key], wanted, { relative: 3e-5, absolute: 1e-5 });
          }
          const bits = value.reduce((sum, x, i) => sum + twin.bits(density, x, mean[i], logScale[i]), 0);
          expectClose([actual.bits], [bits], { relative: 1e-5, absolute: 1e-5 });
        }),
      );
    });

    test("keeps its accuracy under wide densities", () => {
      const logScale = Float32Array.of(3, 4, 5, 6, 7);
      const value = logScale.map((x) => Math.exp(x) / 3);
      const mean = new Float32Array(5);
      const actual = run(kernels, name, value, mean, logScale);
      const gradients = Array.from(value, (x, i) => twin.bitsGradient(density, x, 0, logScale[i]));
      for (const key of ["value", "logScale"] as const) {
        expectClose(
          actual[key],
          gradients.map((gradient) => weight * gradient[key]),
          { relative: 1e-3 },
        );
      }
    });

    test("beyond the bound of the probability the gradient pulls the value back and widens the density", () => {
      const zero = new Float32Array(2);
      // Bisection would find the place where P = 1e-9; a little beyond it is enough.
      let edge = 1;
      while (twin.bits(density, edge, 0, 0) < -Math.log2(twin.smallestProbability)) edge += 0.01;
      const actual = run(kernels, name, Float32Array.of(edge + 0.1, -edge - 0.1), zero, zero);
      expect(actual.bits).toBeCloseTo(-2 * Math.log2(twin.smallestProbability), 3);
      expect(actual.value[0]).toBeGreaterThan(0.1);
      expect(actual.value[1]).toBeLessThan(-0.1);
      expect(actual.mean).toEqual(actual.value.map((x) => -x));
      expect(Math.max(...actual.logScale)).toBeLessThan(-0.1);
    });

    test("below the smallest deviation only a gradient that widens the density remains", () => {
      const logScale = new Float32Array(2).fill(Math.log(0.05));
      const zero = new Float32Array(2);
      const actual = run(kernels, name, Float32Array.of(0, 0.7), zero, logScale);
      expect(actual.logScale[0]).toBe(0);
      expect(actual.logScale[1]).toBeLessThan(-0.1);
      const bounded = run(kernels, name, Float32Array.of(0, 0.7), zero, new Float32Array(2).fill(Math.log(0.11)));
      expect(actual.bits).toBeCloseTo(bounded.bits, 5);
    });

    test("stays finite far out", () => {
      const value = Float32Array.of(1e4, -1e6, 0, 3, 1e9);
      const logScale = Float32Array.of(-40, 0, 40, 80, -5);
      const actual = run(kernels, name, value, new Float32Array(5), logScale);
      for (const gradient of [actual.value, actual.mean, actual.logScale]) {
        expect(gradient.every(Number.isFinite)).toBe(true);
      }
      expect(actual.bits).toBeCloseTo(-5 * Math.log2(twin.smallestProbability), 2);
    });
  });
});

describe.each([
  { name: "gaussianSteps", density: twin.gaussian },
  { name: "logisticSteps", density: twin.logistic },
] as const)("$name", ({ name, density }) => {
  describe.each(builds)("$name build", ({ kernels }) => {
    test("agrees with the differences of the twin's bits", () => {
      fc.assert(
        fc.property(counts, seeds, (count, seed) => {
          const logScale = samples(count, seed, 1.5).map((x) => Math.min(x, 3));
          const mean = samples(count, seed + 1, 3);
          const value = samples(count, seed + 2, 3).map((x, i) => Math.round(mean[i] + x * Math.exp(logScale[i])));
          const empty = () => new Float32Array(count);
          const [, , , up, down] = callWith(
            kernels,
            [value, mean, logScale, empty(), empty()],
            (call, v, m, s, above, below) => call[name](count, v, m, s, above, below),
          );
          const bits = (i: number, by: number) => twin.bits(density, value[i] + by, mean[i], logScale[i]);
          const wanted = (by: number) => Array.from(value, (_, i) => bits(i, by) - bits(i, 0));
          expectClose(up, wanted(1), { relative: 1e-4, absolute: 2e-4 });
          expectClose(down, wanted(-1), { relative: 1e-4, absolute: 2e-4 });
        }),
      );
    });
  });
});
