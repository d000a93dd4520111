import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/sparse.js";
import { strict } from "./builds.js";
import { callWith, samples, seeds } from "./harness.js";

function keepLargest(input: Float32Array, C: number, k: number): Float32Array {
  return callWith(strict, [input, new Float32Array(input.length)], (call, from, to) =>
    call.keepLargest(input.length / C, C, k, from, to),
  )[1];
}

describe("keepLargest", () => {
  test("equals its twin, also among many equals", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.integer({ min: 1, max: 70 }),
        seeds,
        fc.boolean(),
        fc.nat(),
        (N, C, seed, coarse, pick) => {
          const k = 1 + (pick % C);
          const input = samples(N * C, seed, 3).map((x) => (coarse ? Math.round(x) + 0 : x));
          expect(keepLargest(input, C, k)).toEqual(twin.keepLargest(input, C, k));
        },
      ),
    );
  });

  test("works in place", () => {
    const input = samples(3 * 13, 4);
    const [output] = callWith(strict, [input], (call, at) => call.keepLargest(3, 13, 4, at, at));
    expect(output).toEqual(twin.keepLargest(input, 13, 4));
  });

  test("holds at the ends of what floats can be", () => {
    const largest = 3.4028234663852886e38;
    const input = Float32Array.of(-largest, largest, Number.NEGATIVE_INFINITY, 1e-45, Number.POSITIVE_INFINITY, -1e-45);
    for (let k = 1; k <= 6; k++) expect(keepLargest(input, 6, k)).toEqual(twin.keepLargest(input, 6, k));
  });
});

test("passActive lets the gradient through where the code is not 0", () => {
  fc.assert(
    fc.property(fc.nat(40), seeds, (count, seed) => {
      const code = samples(count, seed).map((x) => Math.min(x, 0));
      const gradient = samples(count, seed + 1);
      const [, output] = callWith(strict, [code, gradient], (call, by, at) => call.passActive(count, by, at, at));
      expect(output).toEqual(twin.passActive(code, gradient));
    }),
  );
});
