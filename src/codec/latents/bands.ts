import type { Size } from "../../models/tiling.js";

/** Windows are made and used up in bands of a few grid rows, so that memory grows with the latents and not with the windows. */
const bandFloats = 1 << 22;

/** Grid rows of a band whose windows have `window` floats. */
export const bandRows = (grid: Size, window: number): number =>
  Math.max(1, Math.floor(bandFloats / (grid.width * window)));

/** What a second-level cache holds beside weights, in floats. */
const chunkFloats = 1 << 16;

/** Cells of a row `width` cells wide whose windows of `window` floats are made at once: a cache full of them, all chunks of about one size. */
export const chunkCells = (width: number, window: number): number =>
  Math.ceil(width / Math.ceil((width * window) / Math.max(chunkFloats, window)));
