import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/variational.js";
import { builds } from "./builds.js";
import { callWith, expectClose, samples, seeds, sides } from "./harness.js";

const widths = fc.oneof(sides, fc.constantFrom(15, 16, 17, 129, 150));

/** Checks a property over N images, `repeats` samples of each and C numbers a sample. */
function forSamples(check: (N: number, C: number, repeats: number, seed: number) => void): void {
  fc.assert(
    fc.property(sides, widths, sides, seeds, (N, C, repeats, seed) => check(N, C, repeats, seed)),
    {
      numRuns: 60,
    },
  );
}

const close = { relative: 2e-6, absolute: 2e-6 };

describe.each(builds)("variational kernels, $name build", ({ kernels }) => {
  test("reparameterize and its gradient", () => {
    forSamples((N, C, repeats, seed) => {
      const [mean, logVariance] = [samples(N * C, seed), samples(N * C, seed + 1)];
      const rows = N * repeats * C;
      const [noise, slope] = [samples(rows, seed + 2), samples(rows, seed + 3)];
      const [, , , output] = callWith(
        kernels,
        [mean, logVariance, noise, new Float32Array(rows)],
        (call, a, b, c, to) => call.reparameterize(N, C, repeats, a, b, c, to),
      );
      const shape: [number, number, number] = [N, C, repeats];
      expectClose(output, twin.reparameterize(shape, mean, logVariance, noise), close);

      const empty = () => new Float32Array(N * C);
      const [, , , byMean, byLogVariance] = callWith(
        kernels,
        [logVariance, noise, slope, empty(), empty()],
        (call, a, b, c, to, too) => call.reparameterizeGradient(N, C, repeats, a, b, c, to, too),
      );
      // <output, slope> by central differences.
      const product = (m: Float32Array, l: Float32Array): number =>
        twin.reparameterize(shape, m, l, noise).reduce((sum, value, i) => sum + value * slope[i], 0);
      const moved = (values: Float32Array, at: number, by: number): Float32Array =>
        Float64Array.from(values, (value, i) => (i === at ? value + by : value)) as unknown as Float32Array;
      const at = seed % (N * C);
      const step = 1e-5;
      const quotient = (by: (h: number) => number): number => (by(step) - by(-step)) / (2 * step);
      expectClose([byMean[at]], [quotient((h) => product(moved(mean, at, h), logVariance))], { absolute: 2e-4 });
      expectClose([byLogVariance[at]], [quotient((h) => product(mean, moved(logVariance, at, h)))], { absolute: 2e-4 });
    });
  });

  test("gaussianDivergence adds its gradients", () => {
    forSamples((N, C, _, seed) => {
      const [mean, logVariance] = [samples(N * C, seed), samples(N * C, seed + 1)];
      const start = samples(N * C, seed + 2);
      const [, , divergence, byMean, byLogVariance] = callWith(
        kernels,
        [mean, logVariance, new Float32Array(N), start, start],
        (call, a, b, to, gm, gl) => call.gaussianDivergence(N, C, a, b, 0.7, to, gm, gl),
      );
      expectClose(divergence, twin.gaussianDivergence(N, C, mean, logVariance), close);
      expectClose(
        byMean,
        mean.map((value, i) => start[i] + 0.7 * value),
        close,
      );
      expectClose(
        byLogVariance,
        logVariance.map((value, i) => start[i] + 0.35 * (Math.exp(value) - 1)),
        { relative: 1e-5, absolute: 1e-5 },
      );
    });
  });

  test("logPriorRatio", () => {
    forSamples((N, C, repeats, seed) => {
      const [mean, logVariance] = [samples(N * C, seed), samples(N * C, seed + 1)];
      const shape: [number, number, number] = [N, C, repeats];
      const noise = samples(N * repeats * C, seed + 2);
      const sample = Float32Array.from(twin.reparameterize(shape, mean, logVariance, noise));
      const [, , , ratio] = callWith(
        kernels,
        [logVariance, noise, sample, new Float32Array(N * repeats)],
        (call, a, b, c, to) => call.logPriorRatio(N, C, repeats, a, b, c, to),
      );
      expectClose(ratio, twin.logPriorRatio(shape, mean, logVariance, sample), { relative: 1e-5, absolute: 2e-4 });
    });
  });

  test.each([
    ["bernoulliRows", twin.bernoulliRows],
    ["squaredErrorRows", twin.squaredErrorRows],
  ] as const)("%s, with and without gradient", (name, wanted) => {
    forSamples((N, M, repeats, seed) => {
      const rows = N * repeats;
      const shape: [number, number, number] = [N, M, repeats];
      const output = samples(rows * M, seed, 4);
      const target = samples(N * M, seed + 1).map((x) => 1 / (1 + Math.exp(-x)));
      const weights = samples(rows, seed + 2);
      const arrays = [output, target, weights, new Float32Array(rows * M), new Float32Array(rows)] as const;
      const [, , , gradient, result] = callWith(kernels, [...arrays], (call, a, b, w, g, to) =>
        call[name](N, M, repeats, a, b, w, g, to),
      );
      const [, , , untouched, again] = callWith(kernels, [...arrays], (call, a, b, w, _, to) =>
        call[name](N, M, repeats, a, b, w, 0, to),
      );
      expect(again).toEqual(result);
      expect(untouched.every((value) => value === 0)).toBe(true);
      expectClose(result, wanted(shape, output, target), { relative: 2e-6, absolute: 1e-5 });
      const slopes =
        name === "bernoulliRows"
          ? twin.bernoulliGradient(shape, output, target, weights)
          : Array.from(output, (value, i) => {
              const row = Math.floor(i / M);
              return weights[row] * 2 * (value - target[Math.floor(row / repeats) * M + (i % M)]);
            });
      expectClose(gradient, slopes, { relative: 2e-6, absolute: 1e-6 });
    });
  });

  test("bernoulliRows of huge logits stay finite", () => {
    const logits = Float32Array.of(1e6, -1e6, 1e6, -1e6, 0);
    const target = Float32Array.of(1, 0, 0, 1, 1);
    const arrays = [logits, target, Float32Array.of(1), new Float32Array(5), new Float32Array(1)] as const;
    const [, , , gradient, result] = callWith(kernels, [...arrays], (call, a, b, w, g, to) =>
      call.bernoulliRows(1, 5, 1, a, b, w, g, to),
    );
    expectClose(gradient, [0, 0, 1, -1, -0.5], { absolute: 1e-30 });
    expectClose(result, [-2e6 - Math.LN2]);
  });

  test("drawBernoulli draws what is more probable than the uniform number", () => {
    const [probability, uniform] = [Float32Array.of(0, 0.2, 0.5, 1, 1), Float32Array.of(0, 0.3, 0.3, 0.999, 0)];
    const [, , drawn] = callWith(kernels, [probability, uniform, new Float32Array(5)], (call, a, b, to) =>
      call.drawBernoulli(5, a, b, to),
    );
    expect([...drawn]).toEqual([0, 0, 1, 1, 1]);
  });
});
