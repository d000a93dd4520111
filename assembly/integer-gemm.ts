/**
 * Dense products of 16-bit integers: inputs are rounded to integers row by row, weights column by column, and their products summed exactly in 32 bits. One
 * instruction multiplies and adds eight pairs where the product of floats takes two for four, and exact sums have no order that could matter.
 *
 * N rows, K inputs, M outputs. Integers lie in pairs of neighbouring k: rows are padded with zeros to whole vectors.
 */
import { activate, HARD_SWISH, hardSwish } from "./activation";
import { loadPart, storePart } from "./tail";

/** Columns of a panel: two vectors of sums. */
// @ts-ignore: decorator
@inline
const PANEL_COLUMNS: i32 = 8;
/** Bytes of one pair of k of a panel. */
// @ts-ignore: decorator
@inline
const PANEL_STEP: usize = 32;
// @ts-ignore: decorator
@inline
const TILE_ROWS: i32 = 4;
/** Rows that pass over a panel at once: with some hundred inputs they stay in the second-level cache. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 128;

/** The sums of a tile of 4 x 8. */
const sums: usize = memory.data(128, 16);

/** Bytes of a row of K integers. */
export function integerRowBytes(K: i32): i32 {
  return (K + 7) / 8 * 16;
}

/** Bytes that `packIntegers` writes. */
export function packedIntegerBytes(K: i32, M: i32, panelColumns: i32): i32 {
  return (M + panelColumns - 1) / panelColumns * panelColumns * ((K + 1) / 2) * 4;
}

/** Packs K x M integers, 16 bits each, row after row, into panels of some columns: pairs (k, k + 1) of one column after the other. */
export function packIntegers(K: i32, M: i32, panelColumns: i32, matrix: usize, packed: usize): void {
  for (let m = 0; m < M; m += panelColumns) {
    for (let k = 0; k < K; k += 2) {
      for (let column = m; column < m + panelColumns; column++, packed += 4) {
        const at = matrix + <usize>(k * M + column) * 2;
        store<i16>(packed, column < M ? load<i16>(at) : 0);
        store<i16>(packed, column < M && k + 1 < K ? load<i16>(at + <usize>M * 2) : 0, 2);
      }
    }
  }
}

/**
 * integers[n][k] = round(input[n][k] / scales[n]) half to even, where scales[n] = max |input[n]| / largest, so that none is beyond +-largest. A row of
 * zeros, or one that holds anything that is not finite, becomes zeros with scale 0.
 */
export function roundRows(N: i32, K: i32, input: usize, largest: f32, integers: usize, scales: usize): void {
  const rowBytes = <usize>integerRowBytes(K);
  for (let n = 0; n < N; n++) {
    const peak = largestMagnitude(K, input);
    const factor: f32 = peak > 0 ? largest / peak : 0;
    if (factor > 0 && factor < f32.MAX_VALUE) {
      store<f32>(scales, peak / largest);
      roundRow(K, input, factor, integers);
    } else {
      store<f32>(scales, 0);
      memory.fill(integers, 0, rowBytes);
    }
    input += <usize>K << 2;
    integers += rowBytes;
    scales += 4;
  }
}

/** Compares the bits of magnitudes as integers, which have the same order, and one instruction does it; what is not finite comes out as infinity or NaN. */
function largestMagnitude(K: i32, input: usize): f32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let peaks = i32x4.splat(0), others = peaks;
  for (; K >= 8; K -= 8, input += 32) {
    peaks = i32x4.max_s(peaks, v128.and(v128.load(input), magnitude));
    others = i32x4.max_s(others, v128.and(v128.load(input, 16), magnitude));
  }
  others = i32x4.max_s(others, v128.and(loadPart(input, min(K, 4)), magnitude));
  peaks = i32x4.max_s(peaks, v128.and(loadPart(input + 16, max(K - 4, 0)), magnitude));
  peaks = i32x4.max_s(peaks, others);
  peaks = i32x4.max_s(peaks, i32x4.shuffle(peaks, peaks, 2, 3, 0, 1));
  return f32x4.extract_lane(i32x4.max_s(peaks, i32x4.shuffle(peaks, peaks, 1, 0, 3, 2)), 0);
}

/** Added to a float of magnitude below 2^22 it leaves the nearest integer, half to even, in the low bits: 3 * 2^22. */
const shift: f32 = 12582912;

function roundRow(K: i32, input: usize, factor: f32, integers: usize): void {
  const factors = f32x4.splat(factor), shifts = f32x4.splat(shift);
  for (; K >= 8; K -= 8, input += 32, integers += 16) {
    v128.store(
      integers,
      i16x8.narrow_i32x4_s(rounded(v128.load(input), factors, shifts), rounded(v128.load(input, 16), factors, shifts)),
    );
  }
  if (K <= 0) return;
  const low = rounded(loadPart(input, min(K, 4)), factors, shifts);
  const high = rounded(loadPart(input + 16, max(K - 4, 0)), factors, shifts);
  v128.store(integers, i16x8.narrow_i32x4_s(low, high));
}

// @ts-ignore: decorator
@inline
function rounded(values: v128, factors: v128, shifts: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(values, factors), shifts), shifts);
}

/**
 * output[n][m] = activation(sum of integers[n][k] * packed[k][m] * rowScales[n] * columnScales[m] + bias[m]). The sums must fit 32 bits: the caller sees to it that
 * K * largest input * largest weight is below 2^31.
 */
export function multiplyIntegers(
  N: i32, M: i32, K: i32, integers: usize, rowScales: usize, packed: usize, columnScales: usize, bias: usize,
  activation: i32, output: usize,
): void {
  const rowBytes = <usize>integerRowBytes(K), outputStep = <usize>M << 2;
  const pairs = (K + 1) / 2;
  const panelBytes = <usize>pairs * PANEL_STEP;
  for (let first = 0; first < N; first += BLOCK_ROWS) {
    const end = min(N, first + BLOCK_ROWS);
    for (let m = 0; m < M; m += PANEL_COLUMNS) {
      const panel = packed + <usize>(m / PANEL_COLUMNS) * panelBytes;
      const at = <usize>m << 2;
      let row = first;
      for (; row + TILE_ROWS <= end; row += TILE_ROWS) {
        sumTile(pairs, integers + <usize>row * rowBytes, rowBytes, panel);
        const target = output + <usize>row * outputStep + at;
        writeRows(TILE_ROWS, min(PANEL_COLUMNS, M - m), rowScales + (<usize>row << 2), columnScales + at, bias + at, activation, target, outputStep);
      }
      for (; row < end; row++) {
        sumRow(pairs, integers + <usize>row * rowBytes, panel);
        const target = output + <usize>row * outputStep + at;
        writeRows(1, min(PANEL_COLUMNS, M - m), rowScales + (<usize>row << 2), columnScales + at, bias + at, activation, target, outputStep);
      }
    }
    if (activation && activation != HARD_SWISH) {
      const block = output + <usize>first * outputStep;
      activate(activation, (end - first) * M, block, block);
    }
  }
}

/** sums (4 x 8) = four rows of `pairs` pairs * panel; `pairs` is at least 1. As in multiplyTile, each step has its own way out. */
function sumTile(pairs: i32, row0: usize, rowBytes: usize, panel: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  let row1 = row0 + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
  let a: v128, b0: v128, b1: v128;
  while (true) {
    b0 = v128.load(panel, 0); b1 = v128.load(panel, 16);
    a = v128.load32_splat(row0, 0); s00 = addDot(a, b0, s00); s01 = addDot(a, b1, s01);
    a = v128.load32_splat(row1, 0); s10 = addDot(a, b0, s10); s11 = addDot(a, b1, s11);
    a = v128.load32_splat(row2, 0); s20 = addDot(a, b0, s20); s21 = addDot(a, b1, s21);
    a = v128.load32_splat(row3, 0); s30 = addDot(a, b0, s30); s31 = addDot(a, b1, s31);
    if (--pairs == 0) break;

    b0 = v128.load(panel, 32); b1 = v128.load(panel, 48);
    a = v128.load32_splat(row0, 4); s00 = addDot(a, b0, s00); s01 = addDot(a, b1, s01);
    a = v128.load32_splat(row1, 4); s10 = addDot(a, b0, s10); s11 = addDot(a, b1, s11);
    a = v128.load32_splat(row2, 4); s20 = addDot(a, b0, s20); s21 = addDot(a, b1, s21);
    a = v128.load32_splat(row3, 4); s30 = addDot(a, b0, s30); s31 = addDot(a, b1, s31);
    if (--pairs == 0) break;

    panel += 2 * PANEL_STEP;
    row0 += 8; row1 += 8; row2 += 8; row3 += 8;
  }
  v128.store(sums, s00, 0); v128.store(sums, s01, 16); v128.store(sums, s10, 32); v128.store(sums, s11, 48);
  v128.store(sums, s20, 64); v128.store(sums, s21, 80); v128.store(sums, s30, 96); v128.store(sums, s31, 112);
}

/** sums (1 x 8) = a row of `pairs` pairs * panel */
function sumRow(pairs: i32, row: usize, panel: usize): void {
  let s0 = i32x4.splat(0), s1 = s0;
  for (; pairs > 0; pairs--, row += 4, panel += PANEL_STEP) {
    const a = v128.load32_splat(row);
    s0 = addDot(a, v128.load(panel), s0);
    s1 = addDot(a, v128.load(panel, 16), s1);
  }
  v128.store(sums, s0, 0); v128.store(sums, s1, 16);
}

// @ts-ignore: decorator
@inline
export function addDot(a: v128, b: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(a, b));
}

/** Writes the first `columns` of each row of `sums`, with the activation that photo models have; others are left to the caller. */
function writeRows(
  rows: i32, columns: i32, rowScales: usize, columnScales: usize, bias: usize, activation: i32, output: usize, outputStep: usize,
): void {
  const scales0 = v128.load(columnScales), scales1 = v128.load(columnScales, 16);
  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  let from = sums;
  for (; rows > 0; rows--, from += 32, rowScales += 4, output += outputStep) {
    const scale = v128.load32_splat(rowScales);
    let value0 = scaled(v128.load(from), scale, scales0, bias0), value1 = scaled(v128.load(from, 16), scale, scales1, bias1);
    if (activation == HARD_SWISH) {
      value0 = hardSwish(value0);
      value1 = hardSwish(value1);
    }
    if (columns == PANEL_COLUMNS) {
      v128.store(output, value0);
      v128.store(output, value1, 16);
    } else {
      storePart(output, value0, min(columns, 4));
      storePart(output + 16, value1, max(columns - 4, 0));
    }
  }
}

/** sum * (row scale * column scale) + bias, rounded after each operation, in the relaxed module too. */
// @ts-ignore: decorator
@inline
export function scaled(sum: v128, rowScale: v128, columnScale: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(rowScale, columnScale)), bias);
}
