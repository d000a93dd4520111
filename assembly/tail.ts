/**
 * The last one to three floats of a run. They go through the same vector operations as the rest, with zeros in the unused
 * lanes, so an element gets the same bits wherever in a run it stands.
 */

/** Loads the first `count` (1 to 4) floats at `pointer`; the other lanes are zero. */
// @ts-ignore: decorator
@inline
export function loadPart(pointer: usize, count: i32): v128 {
  if (count == 4) return v128.load(pointer);
  if (count == 1) return v128.load32_zero(pointer);
  const pair = v128.load64_zero(pointer);
  return count == 2 ? pair : v128.load32_lane(pointer, pair, 2, 8);
}

/** Stores the first `count` (1 to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storePart(pointer: usize, vector: v128, count: i32): void {
  if (count == 4) {
    v128.store(pointer, vector);
  } else if (count == 1) {
    v128.store32_lane(pointer, vector, 0);
  } else {
    v128.store64_lane(pointer, vector, 0);
    if (count == 3) v128.store32_lane(pointer, vector, 2, 8);
  }
}

// @ts-ignore: decorator
@lazy @inline
const LANES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0]);

/** Keeps the first `count` (1 to 4) lanes and clears the others. */
// @ts-ignore: decorator
@inline
export function keepPart(vector: v128, count: i32): v128 {
  return v128.and(vector, v128.load(LANES + ((4 - <usize>count) << 2)));
}
