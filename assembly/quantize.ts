import { loadPart, storePart } from "./tail";

/** Latents <-> symbols. Symbols are 32-bit integers. */

/** output[i] = input[i] rounded to the nearest integer, half to even */
export function roundNearest(count: i32, input: usize, output: usize): void {
  for (; count >= 4; count -= 4, input += 16, output += 16) {
    v128.store(output, f32x4.nearest(v128.load(input)));
  }
  if (count > 0) storePart(output, f32x4.nearest(v128.load(input)), count);
}

/** symbols[i] = round(input[i]) half to even, clamped to +-limit; NaN becomes 0. */
export function quantize(count: i32, input: usize, limit: i32, symbols: usize): void {
  const upper = i32x4.splat(limit);
  const lower = i32x4.splat(-limit);
  for (; count > 0; count -= 4, input += 16, symbols += 16) {
    const part = min(count, 4);
    const symbol = i32x4.trunc_sat_f32x4_s(f32x4.nearest(v128.load(input)));
    storePart(symbols, i32x4.max_s(i32x4.min_s(symbol, upper), lower), part);
  }
}

/** output[n][c] = symbols[n][c] * scale[c] */
export function dequantize(N: i32, C: i32, symbols: usize, scale: usize, output: usize): void {
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c += 4) {
      const part = min(C - c, 4);
      const value = f32x4.convert_i32x4_s(v128.load(symbols));
      storePart(output, f32x4.mul(value, v128.load(scale + (<usize>c << 2))), part);
      symbols += <usize>part << 2;
      output += <usize>part << 2;
    }
  }
}

/**
 * output (rows, columns) = input with each column rounded to multiples of its largest magnitude / `largest`. `scales`: memory for `columns` floats, which gets
 * these multiples; 0 for columns of zeros.
 */
export function roundColumns(
  rows: i32, columns: i32, largest: f32, input: usize, scales: usize, output: usize,
): void {
  const rowBytes = <usize>columns << 2;
  memory.fill(scales, 0, rowBytes);
  for (let k = 0, from = input; k < rows; k++, from += rowBytes) {
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const part = <i32>min((rowBytes - at) >> 2, 4);
      const peak = f32x4.max(loadPart(scales + at, part), f32x4.abs(loadPart(from + at, part)));
      storePart(scales + at, peak, part);
    }
  }
  const steps = f32x4.splat(largest);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const part = <i32>min((rowBytes - at) >> 2, 4);
    storePart(scales + at, f32x4.div(loadPart(scales + at, part), steps), part);
  }
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let k = 0; k < rows; k++, input += rowBytes, output += rowBytes) {
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const part = <i32>min((rowBytes - at) >> 2, 4);
      const scale = loadPart(scales + at, part);
      const divisor = v128.bitselect(one, scale, f32x4.eq(scale, zero));
      const steps = f32x4.nearest(f32x4.div(loadPart(input + at, part), divisor));
      storePart(output + at, f32x4.mul(steps, scale), part);
    }
  }
}
