import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activationNumber } from "../../src/kernels/interface.js";
import type { Kernels } from "../../src/kernels/kernels.js";
import { activations } from "../reference/activation.js";
import { type IntegerColumns, multiplyIntegers, roundRows } from "../reference/integer-gemm.js";
import { builds } from "./builds.js";
import { callWith, expectClose, samples, seeds } from "./harness.js";

const largest = 32767;
const sizes = fc.oneof(fc.constantFrom(1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33), fc.integer({ min: 1, max: 40 }));

function rounded(kernels: Kernels, N: number, K: number, input: Float32Array, limit = largest) {
  const stride = kernels.call.integerRowBytes(K);
  const [, bytes, scales] = callWith(
    kernels,
    [input, new Uint8Array(N * stride), new Float32Array(N)],
    (call, input, integers, scales) => call.roundRows(N, K, input, limit, integers, scales),
  );
  const padded = new Int16Array(bytes.buffer);
  const integers = Int16Array.from({ length: N * K }, (_, i) => padded[Math.floor(i / K) * (stride / 2) + (i % K)]);
  return { bytes, padded, integers, scales };
}

function integersOf(count: number, seed: number, limit: number): Int16Array {
  return Int16Array.from(samples(count, seed), (x) => Math.max(-limit, Math.min(limit, Math.round((x * limit) / 2))));
}

function product(kernels: Kernels, N: number, M: number, K: number, seed: number, activation: number) {
  const input = samples(N * K, seed, 3);
  const columns: IntegerColumns = { integers: integersOf(K * M, seed + 1, 127), scales: samples(M, seed + 2) };
  const bias = samples(M, seed + 3);
  const rows = rounded(kernels, N, K, input);
  const packed = new Uint8Array(kernels.call.packedIntegerBytes(K, M, 8));
  const result = callWith(
    kernels,
    [
      rows.bytes,
      rows.scales,
      new Uint8Array(columns.integers.buffer),
      packed,
      columns.scales,
      bias,
      new Float32Array(N * M),
    ],
    (call, integers, rowScales, matrix, packed, columnScales, bias, output) => {
      call.packIntegers(K, M, 8, matrix, packed);
      call.multiplyIntegers(
        ...([N, M, K, integers, rowScales, packed, columnScales, bias, activation, output] as const),
      );
    },
  );
  return { output: result[6], wanted: multiplyIntegers(N, M, K, roundRows(N, K, input, largest), columns, bias) };
}

describe.each(builds)("$name", ({ kernels }) => {
  test("roundRows agrees with its twin and pads with zeros", () => {
    fc.assert(
      fc.property(sizes, sizes, seeds, fc.constantFrom(largest, 2047, 9), (N, K, seed, limit) => {
        const input = samples(N * K, seed, 100);
        const actual = rounded(kernels, N, K, input, limit);
        const wanted = roundRows(N, K, input, limit);
        expect(actual.integers).toEqual(wanted.integers);
        expect(actual.scales).toEqual(wanted.scales);
        const stride = actual.padded.length / N;
        expect(actual.padded.every((value, i) => i % stride < K || value === 0)).toBe(true);
      }),
    );
  });

  test.each([
    ["nothing but zeros", [0, -0, 0]],
    ["a number that is none", [1, Number.NaN, 2]],
    ["infinity", [1, 2, Number.NEGATIVE_INFINITY]],
    ["magnitudes too small to divide by", [1e-44, 0, 1e-45]],
  ])("a row with %s becomes zeros", (_, row) => {
    const { integers, scales } = rounded(kernels, 2, 3, Float32Array.of(...row, 1, -2, 4));
    expect([...integers]).toEqual([0, 0, 0, 8192, -16384, largest]);
    expect([...scales]).toEqual([0, Math.fround(4 / largest)]);
  });

  test("products agree with their twin, bit for bit", () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, seeds, (N, M, K, seed) => {
        const { output, wanted } = product(kernels, N, M, K, seed, activationNumber.identity);
        expect(output).toEqual(wanted);
      }),
    );
  });

  test("more rows than a block, sums near the limit of 32 bits", () => {
    const { output, wanted } = product(kernels, 131, 21, 515, 5, activationNumber.identity);
    expect(output).toEqual(wanted);
  });

  test.each([0.05, 0.4, 1])(
    "rows with a share of %d other than 0 give the same product when zeros are passed over",
    (share) => {
      fc.assert(
        fc.property(sizes, fc.oneof(sizes, fc.constantFrom(31, 32, 64, 70)), sizes, seeds, (N, M, K, seed) => {
          const kept = samples(N * K, seed + 9);
          const input = samples(N * K, seed, 3).map((x, i) => (Math.abs(kept[i]) < share * 2 ? x : 0));
          const columns: IntegerColumns = { integers: integersOf(K * M, seed + 1, 127), scales: samples(M, seed + 2) };
          const bias = samples(M, seed + 3);
          const packed = new Uint8Array(kernels.call.packedIntegerBytes(K, M, 32));
          const scratch = new Uint8Array(kernels.call.sparseScratchBytes(K));
          const result = callWith(
            kernels,
            [
              input,
              new Uint8Array(columns.integers.buffer),
              packed,
              columns.scales,
              bias,
              scratch,
              new Float32Array(N * M),
            ],
            (call, input, matrix, packed, columnScales, bias, scratch, output) => {
              call.packIntegers(K, M, 32, matrix, packed);
              call.multiplySparse(N, M, K, input, largest, packed, columnScales, bias, 0, 0, scratch, output);
            },
          );
          expect(result[6]).toEqual(multiplyIntegers(N, M, K, roundRows(N, K, input, largest), columns, bias));
        }),
      );
    },
  );

  test("more rows than a block whose zeros are passed over, some of them nothing but zeros", () => {
    const [N, M, K] = [150, 40, 21];
    const input = samples(N * K, 4).map((x, i) => (Math.floor(i / K) % 3 === 0 ? 0 : x));
    const columns: IntegerColumns = { integers: integersOf(K * M, 5, 127), scales: samples(M, 6) };
    const bias = samples(M, 7);
    const scratch = new Uint8Array(kernels.call.sparseScratchBytes(K));
    const packed = new Uint8Array(kernels.call.packedIntegerBytes(K, M, 32));
    const result = callWith(
      kernels,
      [input, new Uint8Array(columns.integers.buffer), packed, columns.scales, bias, scratch, new Float32Array(N * M)],
      (call, input, matrix, packed, columnScales, bias, scratch, output) => {
        call.packIntegers(K, M, 32, matrix, packed);
        call.multiplySparse(N, M, K, input, largest, packed, columnScales, bias, 0, 0, scratch, output);
      },
    );
    expect(result[6]).toEqual(multiplyIntegers(N, M, K, roundRows(N, K, input, largest), columns, bias));
  });

  test("the activation comes last", () => {
    const { output, wanted } = product(kernels, 7, 11, 13, 3, activationNumber.hardSwish);
    expectClose(
      output,
      wanted.map((x) => activations.hardSwish.value(x)),
      { absolute: 1e-5 },
    );
  });
});
