import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/quantize.js";
import { strict } from "./builds.js";
import { callWith, counts, samples, seeds, sides } from "./harness.js";

function roundNearest(input: Float32Array): Float32Array {
  return callWith(strict, [input], (call, at) => call.roundNearest(input.length, at, at))[0];
}

function quantize(input: Float32Array, limit: number): Int32Array {
  return callWith(strict, [input, new Int32Array(input.length)], (call, from, to) =>
    call.quantize(input.length, from, limit, to),
  )[1];
}

const halves = Float32Array.of(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 8388607.5, 0.49999997);

describe("roundNearest", () => {
  test("rounds half to even", () => {
    expect(Array.from(roundNearest(halves))).toEqual([-4, -2, -2, -0, 0, 2, 2, 4, 8388608, 0]);
  });

  test("equals its twin in every bit but the sign of zero", () => {
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const input = samples(count, seed, 5);
        const withoutSign = (x: number) => x + 0;
        expect(roundNearest(input).map(withoutSign)).toEqual(twin.roundNearest(input).map(withoutSign));
      }),
    );
  });
});

describe("quantize", () => {
  test("equals its twin", () => {
    fc.assert(
      fc.property(counts, seeds, fc.nat(20), (count, seed, limit) => {
        const input = samples(count, seed, 10);
        expect(quantize(input, limit)).toEqual(twin.quantize(input, limit));
      }),
    );
  });

  test("rounds half to even, clamps, and turns NaN into 0", () => {
    const edges = Float32Array.of(
      0.5,
      1.5,
      -2.5,
      1e20,
      -1e20,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    );
    expect(Array.from(quantize(edges, 32767))).toEqual([0, 2, -2, 32767, -32767, 32767, -32767, 0]);
  });
});

test("dequantize equals its twin in every bit", () => {
  fc.assert(
    fc.property(fc.nat(6), fc.oneof(sides, fc.constantFrom(8, 31)), seeds, (N, C, seed) => {
      const symbols = Int32Array.from(samples(N * C, seed, 1000));
      const scale = samples(C, seed + 1);
      const [, , output] = callWith(strict, [symbols, scale, new Float32Array(N * C)], (call, from, by, to) =>
        call.dequantize(N, C, from, by, to),
      );
      expect(output).toEqual(twin.dequantize(symbols, scale));
    }),
  );
});

describe("roundColumns", () => {
  test("equals its twin, and leaves what is rounded", () => {
    fc.assert(
      fc.property(sides, sides, seeds, fc.integer({ min: 1, max: 127 }), (rows, columns, seed, largest) => {
        const input = samples(rows * columns, seed, 3);
        // A column of zeros has no scale.
        for (let i = 0; i < input.length; i += columns) input[i] = 0;
        const round = (weights: Float32Array): Float32Array =>
          callWith(
            strict,
            [weights, new Float32Array(columns), new Float32Array(weights.length)],
            (call, from, scales, to) => call.roundColumns(rows, columns, largest, from, scales, to),
          )[2];
        const rounded = round(input);
        const withoutSign = (x: number) => x + 0;
        expect(rounded.map(withoutSign)).toEqual(twin.roundColumns(input, columns, largest).map(withoutSign));
        round(rounded).forEach((value, i) => {
          expect(value).toBeCloseTo(rounded[i], 5);
        });
      }),
    );
  });
});
