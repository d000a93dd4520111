/**
 * Packing: the right operand of a product as panels of eight columns, so that the inner loop reads it front to back.
 * Panel p holds columns 8p .. 8p + 7 of all K rows, row after row; missing columns of the last panel are zeros.
 *
 *   packed + (p * K + k) * 32 bytes:  (k, 8p)  (k, 8p + 1)  ..  (k, 8p + 7)
 */
import { PANEL_COLUMNS, PANEL_STEP } from "./gemm-tile";

/** Packs K x M elements; (k, m) lies at `matrix + k * rowStep + m * columnStep`, steps in bytes. */
export function packPanels(
  K: i32, M: i32, matrix: usize, rowStep: usize, columnStep: usize, packed: usize,
): void {
  for (let m = 0; m < M; m += PANEL_COLUMNS) {
    const columns = min(PANEL_COLUMNS, M - m);
    if (columns == PANEL_COLUMNS && columnStep == 4) copyRows(K, matrix, rowStep, packed);
    else if (columns == PANEL_COLUMNS && rowStep == 4) transpose(PANEL_COLUMNS, K, matrix, columnStep, packed, PANEL_STEP);
    else gatherRows(K, columns, matrix, rowStep, columnStep, packed);
    matrix += <usize>PANEL_COLUMNS * columnStep;
    packed += <usize>K * PANEL_STEP;
  }
}

/** A panel from rows whose columns are neighbours in memory. */
function copyRows(K: i32, source: usize, rowStep: usize, panel: usize): void {
  for (let k = 0; k < K; k++) {
    v128.store(panel, v128.load(source));
    v128.store(panel, v128.load(source, 16), 16);
    source += rowStep;
    panel += PANEL_STEP;
  }
}

/** A panel from anything else, padded with zeros. */
function gatherRows(K: i32, columns: i32, source: usize, rowStep: usize, columnStep: usize, panel: usize): void {
  for (let k = 0; k < K; k++) {
    let element = source;
    for (let m = 0; m < PANEL_COLUMNS; m++) {
      store<f32>(panel, m < columns ? load<f32>(element) : 0);
      element += columnStep;
      panel += 4;
    }
    source += rowStep;
  }
}

/** target (columns x rows) = source (rows x columns) transposed, in squares of 4 x 4. */
export function transpose(rows: i32, columns: i32, source: usize, sourceStep: usize, target: usize, targetStep: usize): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let from = source, to = target;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      transposeSquare(from, sourceStep, to, targetStep);
      from += 16;
      to += 4 * targetStep;
    }
    transposeElements(4, columns - c, from, sourceStep, to, targetStep);
    source += 4 * sourceStep;
    target += 16;
  }
  transposeElements(rows - r, columns, source, sourceStep, target, targetStep);
}

function transposeElements(
  rows: i32, columns: i32, source: usize, sourceStep: usize, target: usize, targetStep: usize,
): void {
  for (let r = 0; r < rows; r++) {
    let from = source, to = target;
    for (let c = 0; c < columns; c++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += targetStep;
    }
    source += sourceStep;
    target += 4;
  }
}

// @ts-ignore: decorator
@inline
function transposeSquare(source: usize, sourceStep: usize, target: usize, targetStep: usize): void {
  const row0 = v128.load(source), row1 = v128.load(source + sourceStep);
  const row2 = v128.load(source + 2 * sourceStep), row3 = v128.load(source + 3 * sourceStep);
  // Pairs of rows side by side: (00 10 01 11), (02 12 03 13), then the same of rows 2 and 3.
  const left01 = v128.shuffle<i32>(row0, row1, 0, 4, 1, 5), right01 = v128.shuffle<i32>(row0, row1, 2, 6, 3, 7);
  const left23 = v128.shuffle<i32>(row2, row3, 0, 4, 1, 5), right23 = v128.shuffle<i32>(row2, row3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(left01, left23, 0, 2));
  v128.store(target + targetStep, v128.shuffle<i64>(left01, left23, 1, 3));
  v128.store(target + 2 * targetStep, v128.shuffle<i64>(right01, right23, 0, 2));
  v128.store(target + 3 * targetStep, v128.shuffle<i64>(right01, right23, 1, 3));
}
