/**
 * Dense products in blocks that fit the caches (Goto & van de Geijn 2008): a panel of DEPTH x 8 stays in the first-level
 * cache while the rows of a block pass over it, the rows of a block stay in the second while the panels pass over them.
 *
 * N rows, K inputs, M outputs. An output element sums its K terms in the order of k: between two blocks of k the running
 * sum rests in `output`, so no blocking, row position or number of rows changes a bit.
 */
import { activate } from "./activation";
import { packColumns, packRows, transpose } from "./gemm-pack";
import { multiplyStrip, multiplyTile, PANEL_COLUMNS, PANEL_STEP, STRIP_PANELS, TILE_ROWS } from "./gemm-tile";

// @ts-ignore: decorator
@inline
const BLOCK_DEPTH: i32 = 384;
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 128;
// @ts-ignore: decorator
@inline
const BLOCK_COLUMNS: i32 = 1024;
// @ts-ignore: decorator
@inline
const STRIP_COLUMNS: i32 = PANEL_COLUMNS * STRIP_PANELS;

/** Where sums start that have neither bias nor earlier output. */
// @ts-ignore: decorator
@lazy
const zeros: usize = memory.data(BLOCK_COLUMNS * 4, 16);
/** A tile or strip that hangs over the edge of the output is computed here; what it starts from hangs over as well, and may hold anything there. */
const edge: usize = memory.data(STRIP_COLUMNS * 4, 16);
/** multiplyTransposed packs a block of its right operand here .. */
// @ts-ignore: decorator
@lazy
const rightPanels: usize = memory.data(BLOCK_DEPTH * BLOCK_COLUMNS * 4, 16);
/** .. and turns a block of its left operand into rows here. */
// @ts-ignore: decorator
@lazy
const leftRows: usize = memory.data(BLOCK_ROWS * BLOCK_DEPTH * 4, 16);

export function packedLength(K: i32, M: i32): i32 {
  return ((M + PANEL_COLUMNS - 1) / PANEL_COLUMNS) * PANEL_COLUMNS * K;
}

export function packMatrix(K: i32, M: i32, matrix: usize, stride: i32, packed: usize): void {
  packRows(K, M, matrix, bytes(stride), packed);
}

export function packTransposed(K: i32, M: i32, matrix: usize, stride: i32, packed: usize): void {
  packColumns(K, M, matrix, bytes(stride), packed);
}

export function multiplyPacked(
  N: i32, M: i32, K: i32, input: usize, inputStride: i32, packed: usize,
  output: usize, outputStride: i32, bias: usize, activation: i32, accumulate: i32,
): void {
  const inputStep = bytes(inputStride), outputStep = bytes(outputStride), panelStep = <usize>K * PANEL_STEP;
  for (let m = 0; m < M; m += BLOCK_COLUMNS) {
    const columns = min(BLOCK_COLUMNS, M - m);
    for (let k = 0; k < K; k += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, K - k);
      const panels = packed + <usize>(m / PANEL_COLUMNS) * panelStep + <usize>k * PANEL_STEP;
      for (let n = 0; n < N; n += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, N - n);
        const block = output + <usize>n * outputStep + bytes(m);
        let start = zeros, startStep: usize = 0;
        if (k > 0 || accumulate) {
          start = block;
          startStep = outputStep;
        } else if (bias) {
          start = bias + bytes(m);
        }
        multiplyBlock(
          rows, columns, depth, input + <usize>n * inputStep + bytes(k), inputStep, panels, panelStep,
          start, startStep, block, outputStep,
        );
        if (activation && k + depth == K) activateRows(activation, rows, columns, block, outputStep);
      }
    }
  }
}

export function multiplyTransposed(
  N: i32, M: i32, K: i32, left: usize, leftStride: i32, right: usize, rightStride: i32,
  output: usize, outputStride: i32, accumulate: i32,
): void {
  const leftStep = bytes(leftStride), rightStep = bytes(rightStride), outputStep = bytes(outputStride);
  for (let m = 0; m < M; m += BLOCK_COLUMNS) {
    const columns = min(BLOCK_COLUMNS, M - m);
    for (let n = 0; n < N; n += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, N - n);
      packRows(depth, columns, right + <usize>n * rightStep + bytes(m), rightStep, rightPanels);
      for (let k = 0; k < K; k += BLOCK_ROWS) {
        const rows = min(BLOCK_ROWS, K - k);
        transpose(depth, rows, left + <usize>n * leftStep + bytes(k), leftStep, leftRows, bytes(depth));
        const block = output + <usize>k * outputStep + bytes(m);
        const resumes = n > 0 || accumulate != 0;
        multiplyBlock(
          rows, columns, depth, leftRows, bytes(depth), rightPanels, <usize>depth * PANEL_STEP,
          resumes ? block : zeros, resumes ? outputStep : 0, block, outputStep,
        );
      }
    }
  }
}

/** output (rows x columns) = start + input (rows x depth) * panels: whole tiles first, then the rows that fill no tile. */
function multiplyBlock(
  rows: i32, columns: i32, depth: i32, input: usize, inputStep: usize, panels: usize, panelStep: usize,
  start: usize, startStep: usize, output: usize, outputStep: usize,
): void {
  const tiledRows = rows / TILE_ROWS * TILE_ROWS;
  for (let column = 0; column < columns; column += PANEL_COLUMNS) {
    const panel = panels + <usize>(column / PANEL_COLUMNS) * panelStep;
    const width = min(PANEL_COLUMNS, columns - column);
    for (let row = 0; row < tiledRows; row += TILE_ROWS) {
      const tileInput = input + <usize>row * inputStep;
      const tileStart = start + <usize>row * startStep + bytes(column);
      const tileOutput = output + <usize>row * outputStep + bytes(column);
      if (width == PANEL_COLUMNS) {
        multiplyTile(depth, tileInput, inputStep, panel, tileStart, startStep, tileOutput, outputStep);
      } else {
        multiplyTile(depth, tileInput, inputStep, panel, tileStart, startStep, edge, PANEL_STEP);
        copyEdge(TILE_ROWS, width, tileOutput, outputStep);
      }
    }
  }
  for (let row = tiledRows; row < rows; row++) {
    multiplyRow(
      columns, depth, input + <usize>row * inputStep, panels, panelStep,
      start + <usize>row * startStep, output + <usize>row * outputStep,
    );
  }
}

/** One row of a block, four panels at a time. Where fewer are left the last one stands in for the missing, and its copies are dropped. */
function multiplyRow(
  columns: i32, depth: i32, input: usize, panels: usize, panelStep: usize, start: usize, output: usize,
): void {
  for (let column = 0; column < columns; column += STRIP_COLUMNS) {
    const width = min(STRIP_COLUMNS, columns - column);
    const panel0 = panels + <usize>(column / PANEL_COLUMNS) * panelStep;
    const panel1 = width > PANEL_COLUMNS ? panel0 + panelStep : panel0;
    const panel2 = width > 2 * PANEL_COLUMNS ? panel1 + panelStep : panel1;
    const panel3 = width > 3 * PANEL_COLUMNS ? panel2 + panelStep : panel2;
    if (width == STRIP_COLUMNS) {
      multiplyStrip(depth, input, panel0, panel1, panel2, panel3, start + bytes(column), output + bytes(column));
    } else {
      multiplyStrip(depth, input, panel0, panel1, panel2, panel3, start + bytes(column), edge);
      copyEdge(1, width, output + bytes(column), 0);
    }
  }
}

/** Writes what belongs to the output of a tile (rows of 8 columns) or strip that hangs over. */
function copyEdge(rows: i32, columns: i32, output: usize, outputStep: usize): void {
  let from = edge;
  for (; rows > 0; rows--, from += PANEL_STEP, output += outputStep) memory.copy(output, from, bytes(columns));
}

/** The activation is a pass of its own: inside the loops over k it would cost them their registers. */
function activateRows(activation: i32, rows: i32, columns: i32, output: usize, outputStep: usize): void {
  for (let row = 0; row < rows; row++) {
    activate(activation, columns, output, output);
    output += outputStep;
  }
}

// @ts-ignore: decorator
@inline
function bytes(elements: i32): usize {
  return <usize>elements << 2;
}
