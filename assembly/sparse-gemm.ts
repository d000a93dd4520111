/**
 * Dense products of 16-bit integers, as in integer-gemm.ts, for inputs of which many are 0, such as symbols: pairs of zeros are left out of a row before the
 * row is multiplied. Sums are exact, so that nothing of a result tells which way it was made.
 *
 * N rows, K inputs, M outputs.
 */
import { activate, HARD_SWISH, hardSwish } from "./activation";
import { addDot, integerRowBytes, roundRows, scaled } from "./integer-gemm";
import { storePart } from "./tail";

/** Columns of a panel: eight vectors of sums for one row. */
// @ts-ignore: decorator
@inline
const PANEL_COLUMNS: i32 = 32;
/** Bytes of one pair of k of a panel. */
// @ts-ignore: decorator
@inline
const PANEL_STEP: i32 = 128;
/** Rows whose pairs are listed before they are multiplied: a panel stays in the first-level cache while they pass over it. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 64;

/** For each set of lanes, the bytes that bring those lanes to the front. */
const FRONT = memory.data(256, 16);
let hasFront = false;
/** The sums of a row of a panel. */
const sums: usize = memory.data(128, 16);

// Of each row of a block: how many pairs it has, its scale, the pairs' values and where their weights begin in a panel.
// @ts-ignore: decorator
@inline
const COUNT: usize = 0;
// @ts-ignore: decorator
@inline
const SCALE: usize = 4;
// @ts-ignore: decorator
@inline
const VALUES: usize = 16;

/** A list of pairs is written a vector at a time, so that it may run three beyond its end. */
// @ts-ignore: decorator
@inline
function listBytes(K: i32): usize {
  return <usize>integerRowBytes(K) + 16;
}

// @ts-ignore: decorator
@inline
function rowBytes(K: i32): usize {
  return VALUES + 2 * listBytes(K);
}

export function sparseScratchBytes(K: i32): i32 {
  return integerRowBytes(K) + BLOCK_ROWS * <i32>rowBytes(K);
}

/**
 * output (N x M) = activation(addend (N x M) + (round(input (N x K)) * packed (K x M) * scales + bias)): see `roundRows` and `multiplyIntegers`. `packed` has panels of 32
 * columns; `addend` 0 means none, and it is not the output itself.
 */
export function multiplySparse(
  N: i32, M: i32, K: i32, input: usize, largest: f32, packed: usize, columnScales: usize, bias: usize, addend: usize,
  activation: i32, scratch: usize, output: usize,
): void {
  const distance = addend ? addend - output : 0;
  if (!hasFront) makeFront();
  const integers = scratch, lists = scratch + <usize>integerRowBytes(K);
  const outputStep = <usize>M << 2, panelBytes = <usize>((K + 1) / 2) * PANEL_STEP;
  for (let first = 0; first < N; first += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, N - first);
    for (let n = 0; n < rows; n++, input += <usize>K << 2) listPairs(K, input, largest, integers, lists + <usize>n * rowBytes(K));
    for (let m = 0; m < M; m += PANEL_COLUMNS) {
      const panel = packed + <usize>(m / PANEL_COLUMNS) * panelBytes;
      const at = <usize>m << 2;
      const columns = min(PANEL_COLUMNS, M - m);
      multiplyPanel(rows, K, columns, lists, panel, columnScales + at, bias + at, distance, activation, output + at, outputStep);
    }
    if (activation && activation != HARD_SWISH) activate(activation, rows * M, output, output);
    output += <usize>rows * outputStep;
  }
}

function multiplyPanel(
  rows: i32, K: i32, columns: i32, row: usize, panel: usize, columnScales: usize, bias: usize, distance: usize, activation: i32,
  output: usize, outputStep: usize,
): void {
  for (; rows > 0; rows--, row += rowBytes(K), output += outputStep) {
    const count = load<i32>(row, COUNT), values = row + VALUES, places = values + listBytes(K);
    // Two calls, lest it becomes part of this function, whose variables would take registers from it.
    if (columns == PANEL_COLUMNS) sumPairs(count, values, places, panel);
    else sumPairs(count, values, places, panel);
    writeRow(columns, row + SCALE, columnScales, bias, distance, activation, output);
  }
}

function makeFront(): void {
  hasFront = true;
  for (let mask = 0; mask < 16; mask++) {
    let to = FRONT + (<usize>mask << 4);
    for (let lane = 0; lane < 4; lane++) {
      if ((mask >> lane) & 1) {
        store<u32>(to, 0x03020100 + 0x04040404 * lane);
        to += 4;
      }
    }
  }
}

/** Rounds a row and lists its pairs that are not zeros. */
function listPairs(K: i32, input: usize, largest: f32, integers: usize, row: usize): void {
  roundRows(1, K, input, largest, integers, row + SCALE);
  let count: usize = 0;
  if (load<f32>(row, SCALE) > 0) {
    const values = row + VALUES, places = values + listBytes(K);
    const zero = i32x4.splat(0), step = i32x4.splat(4 * PANEL_STEP);
    let place = i32x4(0, PANEL_STEP, 2 * PANEL_STEP, 3 * PANEL_STEP);
    for (const end = integers + <usize>integerRowBytes(K); integers < end; integers += 16) {
      const pairs = v128.load(integers);
      const mask = i32x4.bitmask(i32x4.ne(pairs, zero));
      if (mask) {
        const order = v128.load(FRONT + (<usize>mask << 4));
        v128.store(values + (count << 2), i8x16.swizzle(pairs, order));
        v128.store(places + (count << 2), i8x16.swizzle(place, order));
        count += <usize>popcnt(mask);
      }
      place = i32x4.add(place, step);
    }
  }
  store<i32>(row, <i32>count, COUNT);
}

/**
 * sums (1 x 32) = the listed pairs * panel. As in multiplyTile, a way out between the loads keeps the compiler from gathering all of them at the top: there
 * are not enough registers for that. Nobody ever takes it, because no panel lies at 0.
 */
function sumPairs(count: i32, values: usize, places: usize, panel: usize): void {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  while (count > 0) {
    const a = v128.load32_splat(values);
    const b = panel + <usize>load<u32>(places);
    s0 = addDot(a, v128.load(b, 0), s0); s1 = addDot(a, v128.load(b, 16), s1);
    s2 = addDot(a, v128.load(b, 32), s2); s3 = addDot(a, v128.load(b, 48), s3);
    if (!b) break;
    s4 = addDot(a, v128.load(b, 64), s4); s5 = addDot(a, v128.load(b, 80), s5);
    s6 = addDot(a, v128.load(b, 96), s6); s7 = addDot(a, v128.load(b, 112), s7);
    count--;
    values += 4;
    places += 4;
  }
  v128.store(sums, s0, 0); v128.store(sums, s1, 16); v128.store(sums, s2, 32); v128.store(sums, s3, 48);
  v128.store(sums, s4, 64); v128.store(sums, s5, 80); v128.store(sums, s6, 96); v128.store(sums, s7, 112);
}

/** `distance`: from the output to the addend, 0 where there is none. */
function writeRow(
  columns: i32, rowScale: usize, columnScales: usize, bias: usize, distance: usize, activation: i32, output: usize,
): void {
  const scale = v128.load32_splat(rowScale);
  for (let at: usize = 0; columns > 0; columns -= 4, at += 16) {
    let value = scaled(v128.load(sums + at), scale, v128.load(columnScales + at), v128.load(bias + at));
    if (distance) value = f32x4.add(v128.load(output + at + distance), value);
    if (activation == HARD_SWISH) value = hardSwish(value);
    if (columns >= 4) v128.store(output + at, value);
    else storePart(output + at, value, columns);
  }
}
