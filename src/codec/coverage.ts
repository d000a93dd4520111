import type { ModelConfiguration } from "../models/configuration.js";
import { gridSize, type Size } from "../models/tiling.js";
import type { Pacer } from "../pacer.js";

/**
 * Which cells of the latent grid are coded, 1 or 0 in raster order: those whose synthesis window touches a pixel that is not
 * fully transparent. Undefined where all are. Sender and receiver both derive it from the alpha plane, which comes first.
 *
 * Each pixel is looked at once: a window shows something where the last visible pixel before its right end is not left of it, in a row that is
 * not above it.
 */
export async function coveredCells(
  c: ModelConfiguration,
  { width, height }: Size,
  alpha: Uint8Array | undefined,
  pacer: Pacer,
): Promise<Uint8Array | undefined> {
  if (!alpha) return undefined;
  const grid = gridSize(c, { width, height });
  const margin = c.synthesisMargin;
  const covered = new Uint8Array(grid.width * grid.height);
  /** For each column of cells the last row of pixels in which its windows show something. */
  const shown = new Int32Array(grid.width).fill(-1);
  let hidden = 0;
  let y = 0;
  for (let row = 0; row < grid.height; row++) {
    const end = Math.min(height, (row + 1) * c.patch.height + margin);
    for (; y < end; y++) {
      noteColumns(alpha.subarray(y * width, (y + 1) * width), c.patch.width, margin, shown, y);
      if (pacer.isDue) await pacer.breathe(y / height);
    }
    for (let column = 0; column < grid.width; column++) {
      if (shown[column] >= Math.max(0, row * c.patch.height - margin)) covered[row * grid.width + column] = 1;
      else hidden++;
    }
  }
  return hidden ? covered : undefined;
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
