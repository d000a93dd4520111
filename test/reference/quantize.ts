import { roundHalfEven } from "./patches.js";

/** The plain twin of assembly/quantize.ts. */

export const roundNearest = (input: Float32Array): Float32Array => input.map(roundHalfEven);

export const quantize = (input: Float32Array, limit: number): Int32Array =>
  Int32Array.from(input, (x) => (Number.isNaN(x) ? 0 : Math.min(Math.max(roundHalfEven(x), -limit), limit)));

export const dequantize = (symbols: Int32Array, scale: Float32Array): Float32Array =>
  Float32Array.from(symbols, (symbol, i) => Math.fround(symbol) * scale[i % scale.length]);

/** `columns` of each row, rounded to multiples of the column's largest magnitude / `largest`. */
export function roundColumns(input: Float32Array, columns: number, largest: number): Float32Array {
  const scales = new Float32Array(columns);
  input.forEach((value, i) => {
    scales[i % columns] = Math.max(scales[i % columns], Math.abs(value));
  });
  return input.map((value, i) => {
    const scale = Math.fround(scales[i % columns] / largest);
    return scale === 0 ? 0 : roundHalfEven(Math.fround(value / scale)) * scale;
  });
}
