import type { Size } from "./tiling.js";

/** The decoded neighbours that the context prior looks at, as offsets (x, y): left, top, top left, top right. */
export const neighbourOffsets = [
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
] as const;

/** How many they are. */
export const neighbours = 4;

/**
 * For each neighbour, the cell index of that neighbour of each given cell, -1 outside of the grid. Cells are numbered in raster
 * order over a batch of grids one below the other; neighbours never come from another grid.
 */
export function neighbourIndices(cells: Int32Array, { width, height }: Size): Int32Array[] {
  return neighbourOffsets.map(([dx, dy]) =>
    cells.map((cell) => {
      const x = (cell % width) + dx;
      const y = (Math.floor(cell / width) % height) + dy;
      return x < 0 || x >= width || y < 0 ? -1 : cell + dy * width + dx;
    }),
  );
}

/** Rows above a cell that its neighbours lie in, at most. */
export const contextRows = 1;

/** The least s for which x + s y is smaller at every neighbour than at the cell itself. */
const frontSlope = 2;

/**
 * The cells of a grid in fronts that can be coded at once: x + s y is the same for all cells of a front (s = 2 where a neighbour
 * lies above to the right), so that every neighbour lies in an earlier one. Cells that are not covered are left out, and so are
 * those above `firstRow`, which are known.
 */
export function* wavefronts(
  { width, height }: Size,
  covered: Uint8Array | undefined,
  firstRow = 0,
): Generator<Int32Array> {
  const rows = height - firstRow;
  for (let front = 0; front < width + frontSlope * (rows - 1); front++) {
    const cells: number[] = [];
    const first = Math.max(0, Math.ceil((front - width + 1) / frontSlope));
    for (let row = first; row < rows && frontSlope * row <= front; row++) {
      const cell = (firstRow + row) * width + front - frontSlope * row;
      if (!covered || covered[cell]) cells.push(cell);
    }
    if (cells.length) yield new Int32Array(cells);
  }
}
