import type { Kernels, Pointer } from "../kernels/kernels.js";

/**
 * A batch of grids of feature vectors in kernel memory: (batch, height, width, channels), row-major floats.
 * A dense layer sees it as a matrix of batch * height * width rows by `channels` columns.
 */
export interface Grid {
  readonly pointer: Pointer;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Number of positions over the whole batch: the N of every dense product. */
export const rowsOf = (grid: Grid): number => grid.batch * grid.height * grid.width;

/** Number of floats. */
export const sizeOf = (grid: Grid): number => rowsOf(grid) * grid.channels;

/** A fresh grid of the same positions with `channels` features; its contents are undefined. */
export function gridLike(kernels: Kernels, grid: Grid, channels: number = grid.channels): Grid {
  return { ...grid, channels, pointer: kernels.memory.allocateFloats(rowsOf(grid) * channels) };
}
