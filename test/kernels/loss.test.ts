import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/loss.js";
import { sigmoid } from "../reference/vectormath.js";
import { builds } from "./builds.js";
import { callWith, counts, differenceQuotient, expectClose, samples, seeds } from "./harness.js";

const losses = [
  { name: "squaredError", loss: twin.squaredError },
  { name: "binaryCrossEntropy", loss: twin.binaryCrossEntropy },
] as const;

describe.each(losses)("$name", ({ name, loss }) => {
  test("slope of the twin is the derivative of its value", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, target) => {
          expect(loss.slope(x, target)).toBeCloseTo(
            differenceQuotient((moved) => loss.value(moved, target), x),
            7,
          );
        },
      ),
    );
  });

  test.each(builds)("agrees with its twin, $name build", ({ kernels }) => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const prediction = samples(count, seed, 4);
        const target = samples(count, seed + 1).map(sigmoid);
        const weight = 0.37;
        const arrays = [prediction, target, new Float32Array(count), Float64Array.of(2)] as const;
        const [, , gradient, total] = callWith(kernels, [...arrays], (call, from, at, to, sum) =>
          call[name](count, from, at, weight, to, sum),
        );
        const slopes = Array.from(prediction, (x, i) => weight * loss.slope(x, target[i]));
        expectClose(gradient, slopes, { relative: 1e-6, absolute: 1e-7 });
        const sum = prediction.reduce((so, x, i) => so + weight * loss.value(x, target[i]), 2);
        expectClose(total, [sum], { relative: 3e-7, absolute: 1e-7 });
      }),
    );
  });
});

test.each(builds)("binaryCrossEntropy of huge logits is their distance, $name build", ({ kernels }) => {
  const logits = Float32Array.of(1e6, -1e6, 1e6, -1e6);
  const targets = Float32Array.of(1, 0, 0, 1);
  const arrays = [logits, targets, new Float32Array(4), new Float64Array(1)] as const;
  const [, , gradient, total] = callWith(kernels, [...arrays], (call, from, at, to, sum) =>
    call.binaryCrossEntropy(4, from, at, 1, to, sum),
  );
  expectClose(gradient, [0, 0, 1, -1], { absolute: 1e-30 });
  expectClose(total, [2e6]);
  expect(gradient.every(Number.isFinite)).toBe(true);
});

test.each(builds)("sumBlocks and addBlocks agree with their twin, $name build", ({ kernels }) => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 21 }),
    height: fc.integer({ min: 1, max: 19 }),
    channels: fc.constantFrom(1, 3, 4),
    side: fc.integer({ min: 1, max: 9 }),
    gap: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(sizes, seeds, ({ width, height, channels, side, gap }, seed) => {
      const line = width * channels + gap;
      const picture = samples(line * height, seed, 4);
      const { sums, blockOf } = twin.blockSums(picture, { width, height, channels, line, side });
      const [, found] = callWith(kernels, [picture, new Float32Array(sums.length).fill(7)], (call, from, to) =>
        call.sumBlocks(width, height, channels, line, side, from, to),
      );
      expectClose(found, sums, { relative: 1e-5, absolute: 1e-4 });
      const blocks = samples(sums.length, seed + 1);
      const [target] = callWith(kernels, [picture, blocks], (call, to, from) =>
        call.addBlocks(width, height, channels, line, side, from, to),
      );
      const wanted = Array.from(picture, (value, i) => value + (blocks[blockOf.get(i) ?? -1] ?? 0));
      expectClose(target, wanted, { relative: 1e-6, absolute: 1e-6 });
    }),
  );
});
