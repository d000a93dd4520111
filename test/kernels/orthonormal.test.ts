import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orthonormal } from "../reference/soap.js";
import { builds } from "./builds.js";
import { callWith, expectClose, samples, seeds } from "./harness.js";

const rowsOf = (values: Float32Array, size: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from(values.subarray(i * size, (i + 1) * size)));

describe.each(builds)("orthonormalRows, $name build", ({ kernels }) => {
  const run = (size: number, matrix: Float32Array): Float32Array =>
    callWith(kernels, [matrix, new Float64Array(size * size)], (call, rows, work) =>
      call.orthonormalRows(size, rows, work),
    )[0];

  test("follows its twin", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 21 }), seeds, (size, seed) => {
        const matrix = samples(size * size, seed);
        for (let i = 0; i < size; i++) matrix[i * size + i] += 4;
        const wanted = orthonormal(rowsOf(matrix, size)).flat();
        expectClose(run(size, matrix), wanted, { relative: 1e-6, absolute: 1e-7 });
      }),
    );
  });

  test("makes rows orthonormal that differ by little", () => {
    const size = 40;
    const matrix = samples(size * size, 3, 1e-3).map((value) => value + 1);
    const rows = rowsOf(run(size, matrix), size);
    for (const [i, row] of rows.entries()) {
      for (const [k, other] of rows.entries()) {
        const product = row.reduce((sum, value, at) => sum + value * other[at], 0);
        expect(Math.abs(product - (i === k ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
  });
});
