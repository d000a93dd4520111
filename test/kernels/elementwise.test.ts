import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/elementwise.js";
import { strict } from "./builds.js";
import { callWith, counts, expectClose, samples, seeds, sides } from "./harness.js";

/** Checks a property over arrays of `count` samples. */
function forRuns(check: (count: number, left: Float32Array, right: Float32Array) => void): void {
  fc.assert(fc.property(counts, seeds, (count, seed) => check(count, samples(count, seed), samples(count, seed + 1))));
}

const columnCounts = fc.oneof(sides, fc.constantFrom(15, 16, 17, 31, 96));

/** Checks a property over N x C matrices and rows of C samples. */
function forMatrices(
  check: (N: number, C: number, left: Float32Array, right: Float32Array, row: Float32Array) => void,
): void {
  fc.assert(
    fc.property(fc.nat(9), columnCounts, seeds, (N, C, seed) =>
      check(N, C, samples(N * C, seed), samples(N * C, seed + 1), samples(C, seed + 2)),
    ),
  );
}

describe("runs", () => {
  test("fill", () => {
    forRuns((count, left) => {
      const [output] = callWith(strict, [left], (call, to) => call.fill(count, 0.1, to));
      expect(output).toEqual(new Float32Array(count).fill(0.1));
    });
  });

  test("add and multiply", () => {
    forRuns((count, left, right) => {
      const run = [left, right, new Float32Array(count)];
      expect(callWith(strict, run, (call, a, b, to) => call.add(count, a, b, to))[2]).toEqual(twin.add(left, right));
      expect(callWith(strict, run, (call, a, b, to) => call.multiply(count, a, b, to))[2]).toEqual(
        twin.multiply(left, right),
      );
      expect(callWith(strict, run, (call, a, b) => call.add(count, a, b, a))[0]).toEqual(twin.add(left, right));
    });
  });

  test("addScaled", () => {
    forRuns((count, left, right) => {
      const [, output] = callWith(strict, [left, right], (call, from, to) => call.addScaled(count, 0.3, from, to));
      expect(output).toEqual(twin.addScaled(0.3, left, right));
    });
  });

  test("moveTowards", () => {
    forRuns((count, left, right) => {
      const [, output] = callWith(strict, [left, right], (call, from, to) => call.moveTowards(count, 0.02, from, to));
      expect(output).toEqual(twin.moveTowards(0.02, left, right));
    });
  });

  test("sumOfSquares", () => {
    forRuns((count, left) => {
      const [, sum] = callWith(strict, [left, Float64Array.of(99)], (call, from, to) =>
        call.sumOfSquares(count, from, to),
      );
      expectClose(sum, [twin.sumOfSquares(left)], { relative: 1e-13 });
    });
  });

  test("sumOfSquares neither overflows nor underflows", () => {
    const [, sum] = callWith(strict, [Float32Array.of(1e30, 1e-30, 0), new Float64Array(1)], (call, from, to) =>
      call.sumOfSquares(3, from, to),
    );
    expectClose(sum, [1e60], { relative: 1e-6 });
    const [, tiny] = callWith(strict, [Float32Array.of(1e-30), new Float64Array(1)], (call, from, to) =>
      call.sumOfSquares(1, from, to),
    );
    expectClose(tiny, [1e-60], { relative: 1e-6 });
  });
});

describe("matrices", () => {
  test("scaleColumns", () => {
    forMatrices((N, C, input, _, row) => {
      const [output] = callWith(strict, [input, row], (call, from, scale) =>
        call.scaleColumns(N, C, from, scale, from),
      );
      expect(output).toEqual(twin.scaleColumns(N, C, input, row));
    });
  });

  test("repeatRow", () => {
    forMatrices((N, C, output, _, row) => {
      const [written] = callWith(strict, [output, row], (call, to, from) => call.repeatRow(N, C, from, to));
      expect(written).toEqual(twin.repeatRow(N, C, row));
    });
  });

  test.each([0, 1])("sumColumns, accumulate %d", (accumulate) => {
    forMatrices((N, C, input, _, row) => {
      const [, sum] = callWith(strict, [input, row], (call, from, to) => call.sumColumns(N, C, from, to, accumulate));
      expect(sum).toEqual(twin.sumColumns(N, C, input, accumulate ? row : new Float32Array(C)));
    });
  });

  test.each([0, 1])("sumColumnProducts, accumulate %d", (accumulate) => {
    forMatrices((N, C, left, right, row) => {
      const [, , sum] = callWith(strict, [left, right, row], (call, a, b, to) =>
        call.sumColumnProducts(N, C, a, b, to, accumulate),
      );
      expect(sum).toEqual(twin.sumColumnProducts(N, C, left, right, accumulate ? row : new Float32Array(C)));
    });
  });
});
