/** The plain twin of assembly/elementwise.ts, rounding to 32 bits where the kernel does, so that results agree in every bit. */

const { fround } = Math;
const columns = (N: number, C: number, value: (n: number, c: number) => number): Float32Array =>
  Float32Array.from({ length: N * C }, (_, i) => value(Math.floor(i / C), i % C));

export const add = (left: Float32Array, right: Float32Array): Float32Array => left.map((x, i) => x + right[i]);

export const multiply = (left: Float32Array, right: Float32Array): Float32Array => left.map((x, i) => x * right[i]);

export const addScaled = (factor: number, input: Float32Array, output: Float32Array): Float32Array =>
  output.map((y, i) => y + fround(fround(factor) * input[i]));

export const moveTowards = (fraction: number, input: Float32Array, output: Float32Array): Float32Array =>
  output.map((y, i) => y + fround(fround(input[i] - y) * fround(fraction)));

export const sumOfSquares = (input: Float32Array): number => input.reduce((sum, x) => sum + x * x, 0);

export const scaleColumns = (N: number, C: number, input: Float32Array, scale: Float32Array): Float32Array =>
  columns(N, C, (n, c) => input[n * C + c] * scale[c]);

export const repeatRow = (N: number, C: number, row: Float32Array): Float32Array => columns(N, C, (_, c) => row[c]);

export const sumColumns = (N: number, C: number, input: Float32Array, start: Float32Array): Float32Array =>
  start.map((sum, c) => {
    for (let n = 0; n < N; n++) sum = fround(sum + input[n * C + c]);
    return sum;
  });

export const sumColumnProducts = (
  N: number,
  C: number,
  left: Float32Array,
  right: Float32Array,
  start: Float32Array,
): Float32Array => sumColumns(N, C, multiply(left, right), start);
