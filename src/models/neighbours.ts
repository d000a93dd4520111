import type { Size } from "./tiling.js";

/** The decoded neighbours that the context prior looks at, as offsets (x, y): left, top, top left, top right. */
export const neighbourOffsets = [
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
] as const;

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

/**
 * The cells of a grid in fronts that can be coded at once: x + 2 y is the same for all cells of a front, so that every neighbour
 * lies in an earlier one. Cells that are not covered are left out.
 */
export function* wavefronts({ width, height }: Size, covered: Uint8Array | undefined): Generator<Int32Array> {
  for (let front = 0; front < width + 2 * (height - 1); front++) {
    const cells: number[] = [];
    const firstRow = Math.max(0, Math.ceil((front - width + 1) / 2));
    for (let y = firstRow; y < height && 2 * y <= front; y++) {
      const cell = y * width + front - 2 * y;
      if (!covered || covered[cell]) cells.push(cell);
    }
    if (cells.length) yield Int32Array.from(cells);
  }
}
