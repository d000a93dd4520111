import { IsthmusError } from "../errors.js";

/**
 * What the contexts of the plane coder start from, as trained: sparse, since most contexts never occur. The rest start fresh.
 * docs/FORMAT.md, "Planes", numbers the contexts and says what the values mean.
 */
export interface PlaneContexts {
  /** Ascending, 0 .. `planeContextCount` - 1. */
  readonly indices: Int32Array;
  /** Probabilities of a 1 in units of 2^-16, 1 .. 65535. */
  readonly probabilities: Uint16Array;
  /** Bits that stand behind each probability, 1 .. 255: the more, the less a picture moves it. */
  readonly seen: Uint8Array;
}

/** Number of contexts of assembly/plane.ts. */
export const planeContextCount = 26314;

const freshCell = 2 ** 31;

/** The cells of all contexts as assembly/plane.ts lays them out. */
export function cellsOf(trained: PlaneContexts | undefined): Uint32Array {
  const cells = new Uint32Array(planeContextCount).fill(freshCell);
  trained?.indices.forEach((index, i) => {
    cells[index] = trained.probabilities[i] * 65536 + trained.seen[i];
  });
  return cells;
}

/** Throws `invalid-model` unless the contexts could be such. */
export function checkPlaneContexts({ indices, probabilities, seen }: PlaneContexts): void {
  const ascending = indices.every((index, i) => index >= 0 && (i === 0 || index > indices[i - 1]));
  const inRange = indices.length === 0 || indices[indices.length - 1] < planeContextCount;
  const one = indices.length === probabilities.length && indices.length === seen.length;
  if (one && ascending && inRange && !probabilities.includes(0) && !seen.includes(0)) return;
  throw new IsthmusError("invalid-model", "The model's contexts of planes contradict themselves");
}
