import { loadPart } from "./tail";

/**
 * The context prior's moves: rows picked by index (the neighbours of a cell), and the step from predicted means and scales, which
 * are floats, to coding tables and centred symbols, which are integers.
 */

/** output[n] = source[indices[n]], C floats a row; zeros where the index is negative */
export function gatherRows(
  N: i32, C: i32, source: usize, sourceStride: i32, indices: usize, output: usize, outputStride: i32,
): void {
  const bytes = <usize>C << 2;
  for (let n = 0; n < N; n++, indices += 4, output += <usize>outputStride << 2) {
    const index = load<i32>(indices);
    if (index < 0) memory.fill(output, 0, bytes);
    else memory.copy(output, source + ((<usize>index * sourceStride) << 2), bytes);
  }
}

/** destination[indices[n]] += input[n], C floats a row; nothing where the index is negative */
export function addRows(
  N: i32, C: i32, input: usize, inputStride: i32, indices: usize, destination: usize, destinationStride: i32,
): void {
  for (let n = 0; n < N; n++, indices += 4, input += <usize>inputStride << 2) {
    const index = load<i32>(indices);
    if (index < 0) continue;
    const row = destination + ((<usize>index * destinationStride) << 2);
    let c = 0;
    for (; c + 4 <= C; c += 4) {
      const at = <usize>c << 2;
      v128.store(row + at, f32x4.add(v128.load(row + at), v128.load(input + at)));
    }
    for (; c < C; c++) {
      const at = <usize>c << 2;
      store<f32>(row + at, load<f32>(row + at) + load<f32>(input + at));
    }
  }
}

/** destination[indices[n]] = input[n], C floats a row */
export function placeRows(
  N: i32, C: i32, input: usize, inputStride: i32, indices: usize, destination: usize, destinationStride: i32,
): void {
  for (let n = 0; n < N; n++, indices += 4, input += <usize>inputStride << 2) {
    const row = destination + ((<usize>load<i32>(indices) * destinationStride) << 2);
    memory.copy(row, input, <usize>C << 2);
  }
}

/**
 * tables[i] = nearest scale of logScale[i] times (fractions + 1), plus the distance of mean[i] from its nearest integer in
 * steps of 1 / (2 * fractions). Scales are numbered 0 .. scales - 1 from e ** lowest on, `density` of them to a factor of e.
 */
export function chooseTables(
  count: i32, mean: usize, logScale: usize, lowest: f32, density: f32, scales: i32, fractions: i32, tables: usize,
): void {
  const low = f32x4.splat(lowest);
  const factor = f32x4.splat(density);
  const highest = i32x4.splat(scales - 1);
  const twice: i32 = 2 * fractions;
  const steps = f32x4.splat(<f32>twice);
  const perScale = i32x4.splat(fractions + 1);
  const zero = i32x4.splat(0);
  for (; count > 0; count -= 4, mean += 16, logScale += 16, tables += 4) {
    const part = min(count, 4);
    const centre = loadPart(mean, part);
    const distance = f32x4.abs(f32x4.sub(centre, f32x4.nearest(centre)));
    const fraction = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(distance, steps)));
    const position = f32x4.mul(f32x4.sub(loadPart(logScale, part), low), factor);
    const scale = i32x4.min_s(i32x4.max_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(position)), zero), highest);
    const table = i32x4.add(i32x4.mul(scale, perScale), i32x4.min_s(fraction, i32x4.splat(fractions)));
    store<u8>(tables, <u8>i32x4.extract_lane(table, 0));
    if (part > 1) store<u8>(tables + 1, <u8>i32x4.extract_lane(table, 1));
    if (part > 2) store<u8>(tables + 2, <u8>i32x4.extract_lane(table, 2));
    if (part > 3) store<u8>(tables + 3, <u8>i32x4.extract_lane(table, 3));
  }
}

/** centred[i] = symbols[i] less the integer nearest to mean[i], mirrored where the mean lies below that integer */
export function centreSymbols(count: i32, symbols: usize, mean: usize, centred: usize): void {
  for (let i = 0; i < count; i++, symbols += 4, mean += 4, centred += 4) {
    const value = load<f32>(mean);
    const nearest = f32.nearest(value);
    const difference = load<i32>(symbols) - <i32>nearest;
    store<i32>(centred, value < nearest ? -difference : difference);
  }
}

/** The inverse of `centreSymbols`. */
export function restoreSymbols(count: i32, centred: usize, mean: usize, symbols: usize): void {
  for (let i = 0; i < count; i++, symbols += 4, mean += 4, centred += 4) {
    const value = load<f32>(mean);
    const nearest = f32.nearest(value);
    const difference = load<i32>(centred);
    store<i32>(symbols, <i32>nearest + (value < nearest ? -difference : difference));
  }
}
