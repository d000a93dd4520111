import { storeMost, storePart } from "./tail";

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
 * What the cells of a grid W cells wide are predicted from, 4 C + 1 floats a row: the C floats of the left, upper, upper left and upper right cell, zeros where
 * there is none, then `quality`.
 */
export function gatherNeighbours(
  N: i32, C: i32, W: i32, cells: usize, grid: usize, quality: f32, output: usize,
): void {
  const bytes = <usize>C << 2;
  for (let n = 0; n < N; n++, cells += 4) {
    const cell = load<i32>(cells);
    const x = cell % W;
    const at = grid + (<usize>cell * <usize>C << 2);
    const above = at - (<usize>W * <usize>C << 2);
    const hasAbove = cell >= W;
    output = copyFloats(x > 0 ? at - bytes : 0, bytes, output);
    output = copyFloats(hasAbove ? above : 0, bytes, output);
    output = copyFloats(hasAbove && x > 0 ? above - bytes : 0, bytes, output);
    output = copyFloats(hasAbove && x < W - 1 ? above + bytes : 0, bytes, output);
    store<f32>(output, quality);
    output += 4;
  }
}

/** Copies a row, or writes zeros where `source` is 0; returns where the next row goes. */
function copyFloats(source: usize, bytes: usize, target: usize): usize {
  if (source) memory.copy(target, source, bytes);
  else memory.fill(target, 0, bytes);
  return target + bytes;
}

/**
 * From rows of a network's outputs, C means and then C log scales, to what symbols are coded under: mean = output * inverse[c],
 * and tables[n][c] = the nearest scale of output * 4 + offset[c] times (fractions + 1), plus the distance of mean from its nearest integer in steps of 1 / (2 * fractions). Scales are numbered 0 .. scales - 1 from e ** lowest on, `density` of them to a factor of e. Of whole vectors that are
 * written the next one overwrites what is too much: there is room for three more behind the last.
 */
export function predictSymbols(
  N: i32, C: i32, output: usize, inverse: usize, offset: usize, lowest: f32, density: f32, scales: i32, fractions: i32,
  mean: usize, tables: usize,
): void {
  const low = f32x4.splat(lowest);
  const factor = f32x4.splat(density);
  const highest = i32x4.splat(scales - 1);
  const twice: i32 = 2 * fractions;
  const steps = f32x4.splat(<f32>twice);
  const perScale = i32x4.splat(fractions + 1);
  const most = i32x4.splat(fractions);
  const zero = i32x4.splat(0);
  const four = f32x4.splat(4);
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++, output += rowBytes) {
    for (let c = 0; c < C; c += 4) {
      const part = min(C - c, 4);
      const at = <usize>c << 2;
      const centre = f32x4.mul(v128.load(output), v128.load(inverse + at));
      const scale = f32x4.add(f32x4.mul(v128.load(output + rowBytes), four), v128.load(offset + at));
      v128.store(mean, centre);
      const distance = f32x4.abs(f32x4.sub(centre, f32x4.nearest(centre)));
      const fraction = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(distance, steps)));
      const position = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(f32x4.sub(scale, low), factor)));
      const nearest = i32x4.min_s(i32x4.max_s(position, zero), highest);
      const table = i32x4.add(i32x4.mul(nearest, perScale), i32x4.min_s(fraction, most));
      const bytes = i8x16.shuffle(table, table, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
      v128.store32_lane(tables, bytes, 0);
      output += <usize>part << 2;
      mean += <usize>part << 2;
      tables += <usize>part;
    }
  }
}

/** centred[i] = symbols[i] less the integer nearest to mean[i], mirrored where the mean lies below that integer */
export function centreSymbols(count: i32, symbols: usize, mean: usize, centred: usize): void {
  for (; count > 0; count -= 4, symbols += 16, mean += 16, centred += 16) {
    const part = min(count, 4);
    const value = v128.load(mean);
    const nearest = f32x4.nearest(value);
    const difference = i32x4.sub(v128.load(symbols), i32x4.trunc_sat_f32x4_s(nearest));
    storePart(centred, negateWhere(f32x4.lt(value, nearest), difference), part);
  }
}

/**
 * The inverse at a receiver, and all that follows from it. Row n of C centred symbols belongs to the cell cells[n] of three grids with `stride` floats a cell,
 * which the pointers name at the first of the C channels: symbols, dequantized = symbol * gain[c], and reconstructed = (symbol + centroid * share[c]) * gain[c],
 * unless that pointer is 0. The centroid is that of the centred symbol, held within -16 .. 15, among the 32 of its table, mirrored with the symbol; 0 where `centroids` is 0. Channels whose `coded` (32 bits each) is 0 become 0; all others have -1.
 */
export function completeSymbols(
  N: i32, C: i32, centred: usize, mean: usize, tables: usize, centroids: usize, gain: usize, share: usize, coded: usize,
  cells: usize, stride: i32, symbols: usize, dequantized: usize, reconstructed: usize,
): void {
  for (let n = 0; n < N; n++, cells += 4) {
    const row = <usize>load<i32>(cells) * <usize>stride << 2;
    for (let c = 0; c < C; c += 4) {
      const part = min(C - c, 4);
      completeVector(
        part, c, centred, mean, tables, centroids, gain, share, coded, row, symbols, dequantized, reconstructed,
      );
      const bytes = <usize>part << 2;
      centred += bytes;
      mean += bytes;
      tables += part;
    }
  }
}

// @ts-ignore: decorator
@inline
function completeVector(
  part: i32, c: i32, centred: usize, mean: usize, tables: usize, centroids: usize, gain: usize, share: usize, coded: usize,
  row: usize, symbols: usize, dequantized: usize, reconstructed: usize,
): void {
  const at = <usize>c << 2;
  const to = row + at;
  const value = v128.load(mean);
  const nearest = f32x4.nearest(value);
  const mirrored = f32x4.lt(value, nearest);
  const difference = v128.load(centred);
  const kept = v128.load(coded + at);
  const symbol = v128.and(i32x4.add(i32x4.trunc_sat_f32x4_s(nearest), negateWhere(mirrored, difference)), kept);
  const number = f32x4.convert_i32x4_s(symbol);
  const gains = v128.load(gain + at);
  storeMost(symbols + to, symbol, part);
  storeMost(dequantized + to, f32x4.mul(number, gains), part);
  if (!reconstructed) return;
  const moved = centroids
    ? f32x4.add(number, f32x4.mul(centroidVector(difference, mirrored, centroids, tables), v128.load(share + at)))
    : number;
  storeMost(reconstructed + to, f32x4.mul(v128.and(moved, kept), gains), part);
}

/** The centroids of four centred symbols under the tables of their lanes, negated where `mirrored`. */
// @ts-ignore: decorator
@inline
function centroidVector(centred: v128, mirrored: v128, centroids: usize, tables: usize): v128 {
  const place = i32x4.add(i32x4.max_s(i32x4.min_s(centred, i32x4.splat(15)), i32x4.splat(-16)), i32x4.splat(16));
  let centroid = f32x4.splat(centroidAt(centroids, load<u8>(tables), i32x4.extract_lane(place, 0)));
  centroid = f32x4.replace_lane(centroid, 1, centroidAt(centroids, load<u8>(tables, 1), i32x4.extract_lane(place, 1)));
  centroid = f32x4.replace_lane(centroid, 2, centroidAt(centroids, load<u8>(tables, 2), i32x4.extract_lane(place, 2)));
  centroid = f32x4.replace_lane(centroid, 3, centroidAt(centroids, load<u8>(tables, 3), i32x4.extract_lane(place, 3)));
  return v128.xor(centroid, v128.and(mirrored, f32x4.splat(-0.0)));
}

// @ts-ignore: decorator
@inline
function centroidAt(centroids: usize, table: u8, place: i32): f32 {
  return load<f32>(centroids + (((<usize>table << 5) + <usize>place) << 2));
}

/** -value in lanes where all bits of `where` are set, value where none is */
// @ts-ignore: decorator
@inline
function negateWhere(where: v128, value: v128): v128 {
  return i32x4.sub(v128.xor(value, where), where);
}
