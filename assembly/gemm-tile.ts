/**
 * The innermost products: a strip of `depth` inputs of one or four rows against one or four panels of packed columns.
 * Every sum starts from the value at `start` and adds its terms in the order of k, so an output element has the same bits
 * whichever of the two functions made it. A `step` is the distance of two rows in bytes.
 */
import { multiplyAdd } from "./simd";

/** Columns of a panel: two vectors. */
// @ts-ignore: decorator
@inline
export const PANEL_COLUMNS: i32 = 8;

/** Bytes of one k of a panel. */
// @ts-ignore: decorator
@inline
export const PANEL_STEP: usize = 32;

/** Rows of a tile. Four rows of one panel are eight sums: with three operands they fit the sixteen vector registers of x86-64. */
// @ts-ignore: decorator
@inline
export const TILE_ROWS: i32 = 4;

/** Panels of a strip: one row of four panels is eight sums as well. */
// @ts-ignore: decorator
@inline
export const STRIP_PANELS: i32 = 4;

/**
 * output (4 x 8) = start (4 x 8) + input (4 x depth) * panel (depth x 8); `depth` is at least 1.
 *
 * Two steps a turn, each with its own way out: written without the exit, the compiler gathers the loads of both steps at
 * the top of the loop, and there are not enough registers to hold them.
 */
export function multiplyTile(
  depth: i32, input: usize, inputStep: usize, panel: usize,
  start: usize, startStep: usize, output: usize, outputStep: usize,
): void {
  let s00 = v128.load(start), s01 = v128.load(start, 16); start += startStep;
  let s10 = v128.load(start), s11 = v128.load(start, 16); start += startStep;
  let s20 = v128.load(start), s21 = v128.load(start, 16); start += startStep;
  let s30 = v128.load(start), s31 = v128.load(start, 16);
  let row0 = input, row1 = row0 + inputStep, row2 = row1 + inputStep, row3 = row2 + inputStep;
  let a: v128, b0: v128, b1: v128;

  while (true) {
    b0 = v128.load(panel, 0); b1 = v128.load(panel, 16);
    a = v128.load32_splat(row0, 0); s00 = multiplyAdd(a, b0, s00); s01 = multiplyAdd(a, b1, s01);
    a = v128.load32_splat(row1, 0); s10 = multiplyAdd(a, b0, s10); s11 = multiplyAdd(a, b1, s11);
    a = v128.load32_splat(row2, 0); s20 = multiplyAdd(a, b0, s20); s21 = multiplyAdd(a, b1, s21);
    a = v128.load32_splat(row3, 0); s30 = multiplyAdd(a, b0, s30); s31 = multiplyAdd(a, b1, s31);
    if (--depth == 0) break;

    b0 = v128.load(panel, 32); b1 = v128.load(panel, 48);
    a = v128.load32_splat(row0, 4); s00 = multiplyAdd(a, b0, s00); s01 = multiplyAdd(a, b1, s01);
    a = v128.load32_splat(row1, 4); s10 = multiplyAdd(a, b0, s10); s11 = multiplyAdd(a, b1, s11);
    a = v128.load32_splat(row2, 4); s20 = multiplyAdd(a, b0, s20); s21 = multiplyAdd(a, b1, s21);
    a = v128.load32_splat(row3, 4); s30 = multiplyAdd(a, b0, s30); s31 = multiplyAdd(a, b1, s31);
    if (--depth == 0) break;

    panel += 2 * PANEL_STEP;
    row0 += 8; row1 += 8; row2 += 8; row3 += 8;
  }

  v128.store(output, s00); v128.store(output, s01, 16); output += outputStep;
  v128.store(output, s10); v128.store(output, s11, 16); output += outputStep;
  v128.store(output, s20); v128.store(output, s21, 16); output += outputStep;
  v128.store(output, s30); v128.store(output, s31, 16);
}

/** output (1 x 32) = start (1 x 32) + row (1 x depth) * the four panels that lie at `panel0` .. `panel3`; `depth` is at least 1. */
export function multiplyStrip(
  depth: i32, row: usize, panel0: usize, panel1: usize, panel2: usize, panel3: usize, start: usize, output: usize,
): void {
  let s0 = v128.load(start, 0), s1 = v128.load(start, 16), s2 = v128.load(start, 32), s3 = v128.load(start, 48);
  let s4 = v128.load(start, 64), s5 = v128.load(start, 80), s6 = v128.load(start, 96), s7 = v128.load(start, 112);
  let a: v128;
  while (true) {
    a = v128.load32_splat(row, 0);
    s0 = multiplyAdd(a, v128.load(panel0, 0), s0); s1 = multiplyAdd(a, v128.load(panel0, 16), s1);
    s2 = multiplyAdd(a, v128.load(panel1, 0), s2); s3 = multiplyAdd(a, v128.load(panel1, 16), s3);
    s4 = multiplyAdd(a, v128.load(panel2, 0), s4); s5 = multiplyAdd(a, v128.load(panel2, 16), s5);
    s6 = multiplyAdd(a, v128.load(panel3, 0), s6); s7 = multiplyAdd(a, v128.load(panel3, 16), s7);
    if (--depth == 0) break;

    a = v128.load32_splat(row, 4);
    s0 = multiplyAdd(a, v128.load(panel0, 32), s0); s1 = multiplyAdd(a, v128.load(panel0, 48), s1);
    s2 = multiplyAdd(a, v128.load(panel1, 32), s2); s3 = multiplyAdd(a, v128.load(panel1, 48), s3);
    s4 = multiplyAdd(a, v128.load(panel2, 32), s4); s5 = multiplyAdd(a, v128.load(panel2, 48), s5);
    s6 = multiplyAdd(a, v128.load(panel3, 32), s6); s7 = multiplyAdd(a, v128.load(panel3, 48), s7);
    if (--depth == 0) break;

    row += 8;
    panel0 += 2 * PANEL_STEP; panel1 += 2 * PANEL_STEP; panel2 += 2 * PANEL_STEP; panel3 += 2 * PANEL_STEP;
  }
  v128.store(output, s0, 0); v128.store(output, s1, 16); v128.store(output, s2, 32); v128.store(output, s3, 48);
  v128.store(output, s4, 64); v128.store(output, s5, 80); v128.store(output, s6, 96); v128.store(output, s7, 112);
}
