/** Raster indices of the cells that are coded, of `cells` in all, from `first` on. */
export function codedCells(covered: Uint8Array | undefined, cells: number, first = 0): Int32Array {
  const all = Int32Array.from({ length: cells - first }, (_, i) => first + i);
  return covered ? all.filter((cell) => covered[cell] !== 0) : all;
}
