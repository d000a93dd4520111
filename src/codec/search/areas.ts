import type { Kernels } from "../../kernels/kernels.js";
import type { Grid } from "../../nn/grid.js";

/** A rectangle of cells of a grid: from its left and top edge up to, but not including, the right and bottom ones. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A run of cells next to each other in the raster order of a grid. */
export interface Run {
  readonly first: number;
  readonly cells: number;
}

/** Cuts an area into ones of nearly equal size, no side longer than `side`, in raster order. */
export function cutArea({ left, top, right, bottom }: Area, side: number): Area[] {
  const rows = cutSide(top, bottom, side);
  const columns = cutSide(left, right, side);
  return rows.flatMap(([top, bottom]) => columns.map(([left, right]) => ({ left, top, right, bottom })));
}

function cutSide(from: number, to: number, side: number): [from: number, to: number][] {
  const parts = Math.ceil((to - from) / side);
  const cut = (i: number): number => from + Math.floor(((to - from) * i) / parts);
  return Array.from({ length: parts }, (_, i) => [cut(i), cut(i + 1)]);
}

/** An area with `margin` more cells on every side, as far as `whole` has them. */
export const growArea = (area: Area, margin: number, whole: Area): Area => ({
  left: Math.max(whole.left, area.left - margin),
  top: Math.max(whole.top, area.top - margin),
  right: Math.min(whole.right, area.right + margin),
  bottom: Math.min(whole.bottom, area.bottom + margin),
});

/** A copy of an area of a grid (of batch 1), in the caller's part of the arena. */
export function copyArea({ memory }: Kernels, grid: Grid, area: Area): Grid {
  const width = area.right - area.left;
  const height = area.bottom - area.top;
  const copy = { ...grid, width, height, pointer: memory.allocateFloats(width * height * grid.channels) };
  for (let y = 0; y < height; y++) {
    memory.copy(cellPointer(grid, area.left, area.top + y), cellPointer(copy, 0, y), width * grid.channels * 4);
  }
  return copy;
}

/** The inverse of `copyArea`. */
export function pasteArea({ memory }: Kernels, copy: Grid, grid: Grid, area: Area): void {
  for (let y = 0; y < copy.height; y++) {
    memory.copy(cellPointer(copy, 0, y), cellPointer(grid, area.left, area.top + y), copy.width * copy.channels * 4);
  }
}

/** The values of an area's cells; `values` has one for each cell of a grid `width` cells wide. */
export function valuesOf(values: Float32Array, width: number, { left, top, right, bottom }: Area) {
  const across = right - left;
  const copy = new Float32Array(across * (bottom - top));
  for (let y = top; y < bottom; y++) copy.set(values.subarray(y * width + left, y * width + right), (y - top) * across);
  return copy;
}

/** The cells of `inner` as runs in the raster order of `outer`, without those for which `wanted` (column, row) is false. */
export function runsOf(inner: Area, outer: Area, wanted: (column: number, row: number) => boolean): Run[] {
  const runs: Run[] = [];
  for (let row = inner.top; row < inner.bottom; row++) {
    let length = 0;
    for (let column = inner.left; column <= inner.right; column++) {
      if (column < inner.right && wanted(column, row)) {
        length++;
      } else if (length > 0) {
        const first = (row - outer.top) * (outer.right - outer.left) + column - length - outer.left;
        runs.push({ first, cells: length });
        length = 0;
      }
    }
  }
  return runs;
}

const cellPointer = (grid: Grid, column: number, row: number): number =>
  grid.pointer + (row * grid.width + column) * grid.channels * 4;
