import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as twin from "../reference/eigen.js";
import { strict } from "./builds.js";
import { callWith, expectClose, samples, seeds } from "./harness.js";

function symmetricEigen(D: number, matrix: Float64Array) {
  const arrays = [matrix, new Float64Array(D), new Float64Array(D), new Int32Array(6)] as const;
  const [vectors, values, , status] = callWith(strict, [...arrays], (call, at, to, work, flag) => {
    while (call.symmetricEigenPiece(D, at, to, work, flag));
  });
  return {
    vectors: Array.from({ length: D }, (_, row) => vectors.slice(row * D, (row + 1) * D)),
    values,
    status: status[0],
  };
}

const symmetric = (D: number, element: (row: number, column: number) => number) =>
  Float64Array.from({ length: D * D }, (_, i) =>
    element(Math.max(Math.floor(i / D), i % D), Math.min(Math.floor(i / D), i % D)),
  );

/** The covariance of `rank` random vectors. */
function covariance(D: number, rank: number, seed: number): Float64Array {
  const rows = samples(D * rank, seed);
  return symmetric(D, (a, b) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += rows[k * D + a] * rows[k * D + b];
    return sum;
  });
}

/** Asserts that rows are orthonormal eigenvectors of `matrix` and that the values descend. */
function expectDecomposition(D: number, matrix: Float64Array): void {
  const { vectors, values, status } = symmetricEigen(D, matrix);
  const tolerance = 1e-13 * D * Math.max(1, ...matrix.map(Math.abs));
  expect(status).toBe(0);
  for (let i = 0; i < D; i++) {
    if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
    for (let row = 0; row < D; row++) {
      const product = vectors[i].reduce((sum, x, column) => sum + matrix[row * D + column] * x, 0);
      expect(Math.abs(product - values[i] * vectors[i][row])).toBeLessThan(tolerance);
      const inner = vectors[i].reduce((sum, x, column) => sum + vectors[row][column] * x, 0);
      expect(Math.abs(inner - (i === row ? 1 : 0))).toBeLessThan(1e-13 * D);
    }
  }
}

const sizes = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 17);

describe("symmetricEigenPiece", () => {
  test("decomposes any symmetric matrix, with the eigenvalues of its twin", () => {
    fc.assert(
      fc.property(sizes, seeds, (D, seed) => {
        const noise = samples(D * D, seed);
        const matrix = symmetric(D, (row, column) => noise[row * D + column]);
        expectDecomposition(D, matrix);
        expectClose(symmetricEigen(D, matrix).values, twin.eigenvalues(D, matrix), {
          relative: 1e-12,
          absolute: 1e-12,
        });
      }),
      { numRuns: 50 },
    );
  });

  test("decomposes covariances of low rank", () => {
    fc.assert(
      fc.property(sizes, fc.nat(4), seeds, (D, rank, seed) => expectDecomposition(D, covariance(D, rank, seed))),
      { numRuns: 50 },
    );
  });

  test.each([4e-14, 1, 1e-20, 1e12])("decomposes a large matrix of rank one and size %d without a NaN", (element) => {
    for (const D of [64, 500]) {
      const { vectors, values, status } = symmetricEigen(D, new Float64Array(D * D).fill(element));
      expect(status).toBe(0);
      expect(values[0] / (element * D)).toBeCloseTo(1, 10);
      expect(Math.abs(vectors[0][0]) * Math.sqrt(D)).toBeCloseTo(1, 10);
      expect(values.every(Number.isFinite) && vectors.every((row) => row.every(Number.isFinite))).toBe(true);
    }
  });

  test("decomposes a matrix of a patch's size", () => {
    expectDecomposition(75, covariance(75, 300, 1));
  });

  test.each([
    ["zero", () => 0],
    ["the identity", (row: number, column: number) => (row === column ? 1 : 0)],
    ["a diagonal in ascending order", (row: number, column: number) => (row === column ? row - 3 : 0)],
    ["all ones", () => 1],
    ["two blocks", (row: number, column: number) => (row % 2 === column % 2 ? 1 / (1 + row - column) : 0)],
  ] as const)("decomposes %s", (_, element) => {
    for (const D of [1, 2, 5, 8]) expectDecomposition(D, symmetric(D, element));
  });

  test("accepts a matrix of size 0", () => {
    expect(symmetricEigen(0, new Float64Array(0)).status).toBe(0);
  });

  test("reports a matrix that has no eigenvalues", () => {
    expect(
      symmetricEigen(
        4,
        symmetric(4, () => Number.NaN),
      ).status,
    ).toBe(1);
  });
});
