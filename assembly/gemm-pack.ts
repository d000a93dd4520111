/**
 * Packing: the right operand of a product as panels of eight columns, so that the inner loop reads it front to back.
 * Panel p holds columns 8p .. 8p + 7 of all K rows, row after row; missing columns of the last panel are zeros.
 *
 *   packed + (p * K + k) * 32 bytes:  (k, 8p)  (k, 8p + 1)  ..  (k, 8p + 7)
 */
import { PANEL_COLUMNS, PANEL_STEP } from "./gemm-tile";
import { loadPart } from "./tail";

/** Packs K x M elements; (k, m) lies at `matrix + k * rowStep + m * 4`. */
export function packRows(K: i32, M: i32, matrix: usize, rowStep: usize, packed: usize): void {
  for (let m = 0; m < M; m += PANEL_COLUMNS, matrix += PANEL_STEP) {
    const left = min(M - m, 4), right = max(min(M - m - 4, 4), 0);
    for (let k = 0, row = matrix; k < K; k++, row += rowStep, packed += PANEL_STEP) {
      v128.store(packed, loadPart(row, left));
      v128.store(packed, loadPart(row + 16, right), 16);
    }
  }
}

/** The same of a matrix that lies transposed: (k, m) at `matrix + m * columnStep + k * 4`. */
export function packColumns(K: i32, M: i32, matrix: usize, columnStep: usize, packed: usize): void {
  for (let m = 0; m < M; m += PANEL_COLUMNS) {
    const columns = min(PANEL_COLUMNS, M - m);
    if (columns < PANEL_COLUMNS) memory.fill(packed, 0, <usize>K * PANEL_STEP);
    transpose(columns, K, matrix, columnStep, packed, PANEL_STEP);
    matrix += <usize>PANEL_COLUMNS * columnStep;
    packed += <usize>K * PANEL_STEP;
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
