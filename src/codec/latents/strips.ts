import type { Size } from "../../models/tiling.js";

/**
 * The latent grid is coded in strips of whole rows, from top to bottom, so that neither end holds more than one of them. How
 * high they are is part of the format (docs/FORMAT.md, "Strips").
 */
const cellsPerStrip = 1 << 16;
const leastRows = 16;

/** Rows `first` .. `end` - 1 of the latent grid. */
export interface Strip {
  readonly first: number;
  readonly end: number;
  readonly isLast: boolean;
}

/**
 * The strips of a grid: as many rows as have 2^16 cells, but at least 16; the last takes what is left. Those of a coarser level than the finest have the share of
 * those rows that its height is of that of the `finest` grid.
 */
export function stripsOf(grid: Size, finest = grid): Strip[] {
  const rows = Math.max(leastRows, Math.floor(cellsPerStrip / finest.width));
  return stripsOfHeight(grid.height, Math.ceil((rows * grid.height) / finest.height));
}

/** Strips of a given number of rows. */
export function stripsOfHeight(height: number, rows: number): Strip[] {
  return Array.from({ length: Math.ceil(height / rows) }, (_, i) => {
    const end = Math.min(height, (i + 1) * rows);
    return { first: i * rows, end, isLast: end === height };
  });
}
