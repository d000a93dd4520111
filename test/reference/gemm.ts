/**
 * Plain twins of assembly/gemm.ts. With `round` = Math.fround every product and every sum is rounded to 32 bits in the
 * order of k, which is what the strict kernels do, bit for bit; without it the sums are 64-bit floats.
 */
export type Rounding = (value: number) => number;

/** A row-major matrix inside an array: element (row, column) at `row * stride + column`. */
export interface Matrix {
  readonly data: ArrayLike<number>;
  readonly stride: number;
}

/** start (N x M) + left (N x K) * right (K x M); `start(n, m)` is the value that a sum begins with. */
export function multiply(
  N: number,
  M: number,
  K: number,
  left: Matrix,
  right: Matrix,
  start: (n: number, m: number) => number = () => 0,
  round: Rounding = Math.fround,
): Float64Array {
  const output = new Float64Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let sum = start(n, m);
      for (let k = 0; k < K; k++) {
        sum = round(sum + round(left.data[n * left.stride + k] * right.data[k * right.stride + m]));
      }
      output[n * M + m] = sum;
    }
  }
  return output;
}

export function transpose(rows: number, columns: number, matrix: Matrix): Matrix {
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      data[column * rows + row] = matrix.data[row * matrix.stride + column];
    }
  }
  return { data, stride: rows };
}

/** The panels of a K x M matrix: eight columns each, all K rows of a panel one after the other, zeros where M ends. */
export function pack(K: number, M: number, matrix: Matrix): Float64Array {
  const panels = Math.ceil(M / 8);
  const packed = new Float64Array(panels * K * 8);
  for (let k = 0; k < K; k++) {
    for (let m = 0; m < M; m++) {
      packed[(Math.floor(m / 8) * K + k) * 8 + (m % 8)] = matrix.data[k * matrix.stride + m];
    }
  }
  return packed;
}
