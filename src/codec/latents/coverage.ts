import { concatenate } from "../../ground/bytes.js";
import type { Pacer } from "../../ground/pacer.js";
import type { ModelConfiguration } from "../../models/configuration.js";
import { gridSize, type Size } from "../../models/tiling.js";

/** The cells of row `row` of the latent grid, 1 for each that is coded; rows are asked for from top to bottom. */
export type Coverage = (row: number) => Promise<Uint8Array>;

/**
 * Which cells of the latent grid are coded, row by row: those whose synthesis window touches a pixel that is not fully transparent. Sender and
 * receiver both derive it from the alpha plane, whose next row `line` gives: those of a row of cells are read, and none beyond.
 *
 * Each pixel is looked at once: a window shows something where the last visible pixel before its right end is not left of it, in a row that is
 * not above it.
 */
export function coverageOf(
  c: ModelConfiguration,
  { width, height }: Size,
  line: (y: number) => Uint8Array | Promise<Uint8Array>,
  pacer: Pacer,
): Coverage {
  const { patch, synthesisMargin: margin } = c;
  /** For each column of cells the last row of pixels in which its windows show something. */
  const shown = new Int32Array(gridSize(c, { width, height }).width).fill(-1);
  let y = 0;
  return async (row) => {
    for (const end = Math.min(height, (row + 1) * patch.height + margin); y < end; y++) {
      noteColumns(await line(y), patch.width, margin, shown, y);
      await pacer.breathe();
    }
    const top = Math.max(0, row * patch.height - margin);
    return Uint8Array.from(shown, (last) => (last < top ? 0 : 1));
  };
}

/** `coverageOf` a whole plane, in raster order; undefined where there is no alpha, and where all cells are coded. */
export async function coveredCells(
  c: ModelConfiguration,
  size: Size,
  alpha: Uint8Array | undefined,
  pacer: Pacer,
): Promise<Uint8Array | undefined> {
  if (!alpha) return undefined;
  const { width } = size;
  const coverage = coverageOf(c, size, (y) => alpha.subarray(y * width, (y + 1) * width), pacer);
  const rows: Uint8Array[] = [];
  for (let row = 0; row < gridSize(c, size).height; row++) rows.push(await coverage(row));
  const covered = concatenate(rows);
  return covered.includes(0) ? covered : undefined;
}

/** Sets `shown` to `y` for each column of windows that shows a pixel of the row. */
function noteColumns(row: Uint8Array, patch: number, margin: number, shown: Int32Array, y: number): void {
  let last = -1;
  let x = 0;
  for (let column = 0; column < shown.length; column++) {
    for (const end = Math.min(row.length, (column + 1) * patch + margin); x < end; x++) if (row[x]) last = x;
    if (last >= 0 && last >= column * patch - margin) shown[column] = y;
  }
}
