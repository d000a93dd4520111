/**
 * The last one to three floats of a run. They go through the same vector operations as the rest, with zeros in the unused
 * lanes, so an element gets the same bits wherever in a run it stands.
 *
 * Nevertheless whole vectors are loaded and stored: what belongs to others behind the run is ignored, or stored again as it was. The arena of
 * src/kernels/memory.ts keeps 128 bytes behind its end for that.
 */

// @ts-ignore: decorator
@lazy @inline
const LANES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0]);

/** All bits of the first `count` (0 to 4) lanes. */
// @ts-ignore: decorator
@inline
function lanes(count: i32): v128 {
  return v128.load(LANES + 16 - (<usize>count << 2));
}

/** Loads the first `count` (0 to 4) floats at `pointer`; the other lanes are zero. Where these do not matter, v128.load does. */
// @ts-ignore: decorator
@inline
export function loadPart(pointer: usize, count: i32): v128 {
  return keepPart(v128.load(pointer), count);
}

/** Stores the first `count` (0 to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storePart(pointer: usize, vector: v128, count: i32): void {
  v128.store(pointer, v128.bitselect(vector, v128.load(pointer), lanes(count)));
}

/** The same, faster where the count is 4 most of the time. */
// @ts-ignore: decorator
@inline
export function storeMost(pointer: usize, vector: v128, count: i32): void {
  if (count == 4) v128.store(pointer, vector);
  else storePart(pointer, vector, count);
}

/** Keeps the first `count` (0 to 4) lanes and clears the others. */
// @ts-ignore: decorator
@inline
export function keepPart(vector: v128, count: i32): v128 {
  return v128.and(vector, lanes(count));
}
