import { roundHalfEven } from "./patches.js";

/** The plain twins of assembly/integer-gemm.ts, and what docs/FORMAT.md says of dense layers in integers. */

const f = Math.fround;

export interface IntegerRows {
  /** N x K */
  readonly integers: Int16Array;
  /** N */
  readonly scales: Float32Array;
}

export function roundRows(N: number, K: number, input: Float32Array, largest: number): IntegerRows {
  const integers = new Int16Array(N * K);
  const scales = new Float32Array(N);
  for (let n = 0; n < N; n++) {
    const row = input.subarray(n * K, (n + 1) * K);
    const peak = row.reduce(
      (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : Number.NaN),
      0,
    );
    const factor = f(largest / peak);
    if (!(peak > 0 && factor < 3.4028234663852886e38)) continue;
    scales[n] = f(peak / largest);
    row.forEach((value, k) => {
      integers[n * K + k] = roundHalfEven(f(value * factor));
    });
  }
  return { integers, scales };
}

export interface IntegerColumns {
  /** K x M */
  readonly integers: Int16Array;
  /** M */
  readonly scales: Float32Array;
}

export function roundColumns(K: number, M: number, weight: Float32Array, largest: number): IntegerColumns {
  const scales = Float32Array.from({ length: M }, (_, m) =>
    Math.max(...Array.from({ length: K }, (_, k) => f(Math.abs(weight[k * M + m]) / largest))),
  );
  const integers = Int16Array.from(weight, (value, i) => (scales[i % M] ? Math.floor(value / scales[i % M] + 0.5) : 0));
  return { integers, scales };
}

/** Rows times columns plus bias, without activation. */
export function multiplyIntegers(
  N: number,
  M: number,
  K: number,
  rows: IntegerRows,
  columns: IntegerColumns,
  bias: Float32Array,
): Float32Array {
  return Float32Array.from({ length: N * M }, (_, i) => {
    const [n, m] = [Math.floor(i / M), i % M];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += rows.integers[n * K + k] * columns.integers[k * M + m];
    return f(f(f(sum) * f(rows.scales[n] * columns.scales[m])) + bias[m]);
  });
}
