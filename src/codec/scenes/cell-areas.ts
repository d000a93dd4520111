import type { Size } from "../../models/tiling.js";

/** A rectangle of cells: columns `left` .. `right` - 1 of rows `top` .. `bottom` - 1 of a grid. */
export interface CellArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Rectangles that hold every marked cell of a grid once, and few others: rows with marks, and within them columns
 * with marks, are joined where no more than `gap` lie between them.
 */
export function markedAreas(marks: Uint8Array, { width, height }: Size, gap: number): CellArea[] {
  const hasMark = (top: number, bottom: number, x: number): boolean => {
    for (let y = top; y < bottom; y++) if (marks[y * width + x]) return true;
    return false;
  };
  const rows = runsOf(height, gap, (y) => marks.subarray(y * width, (y + 1) * width).some((mark) => mark !== 0));
  return rows.flatMap(([top, bottom]) =>
    runsOf(width, gap, (x) => hasMark(top, bottom, x)).map(([left, right]) => ({ left, top, right, bottom })),
  );
}

/** The area and `by` cells around it, as far as the grid goes. */
export const grown = ({ left, top, right, bottom }: CellArea, by: number, { width, height }: Size): CellArea => ({
  left: Math.max(0, left - by),
  top: Math.max(0, top - by),
  right: Math.min(width, right + by),
  bottom: Math.min(height, bottom + by),
});

/**
 * Begin and end of the runs of marked numbers of 0 .. count - 1; those with at most `gap` numbers between them are one.
 */
function runsOf(count: number, gap: number, isMarked: (i: number) => boolean): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    if (!isMarked(i)) continue;
    const last = runs.at(-1);
    if (last && i - last[1] <= gap) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}
