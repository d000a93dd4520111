/** Raster indices of the cells that are coded, of `cells` in all. */
export function codedCells(covered: Uint8Array | undefined, cells: number): Int32Array {
  const all = Int32Array.from({ length: cells }, (_, cell) => cell);
  return covered ? all.filter((cell) => covered[cell] !== 0) : all;
}
