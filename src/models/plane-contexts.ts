import { IsthmusError } from "../ground/errors.js";
import type { Tensor } from "../ground/safetensors.js";
import { storedVector } from "./storage.js";

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
export const planeContextCount = 59082;

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
function checkPlaneContexts({ indices, probabilities, seen }: PlaneContexts): void {
  const ascending = indices.every((index, i) => index >= 0 && (i === 0 || index > indices[i - 1]));
  const inRange = indices.length === 0 || indices[indices.length - 1] < planeContextCount;
  const one = indices.length === probabilities.length && indices.length === seen.length;
  if (one && ascending && inRange && !probabilities.includes(0) && !seen.includes(0)) return;
  throw new IsthmusError("invalid-model", "The model's contexts of planes contradict themselves");
}

/** Tensors of a model's file, all three or none. */
const tensorNames = { indices: "plane.contexts", probabilities: "plane.probabilities", seen: "plane.seen" };
export const planeTensorNames: readonly string[] = Object.values(tensorNames);

/** Throws `invalid-model` where the tensors are there in part, or wrong. */
export function readPlaneContexts(tensors: ReadonlyMap<string, Tensor>): PlaneContexts | undefined {
  if (!planeTensorNames.some((name) => tensors.has(name))) return undefined;
  const contexts: PlaneContexts = {
    indices: new Int32Array(storedVector(tensorNames.indices, "I32", tensors, planeContextCount)),
    probabilities: new Uint16Array(storedVector(tensorNames.probabilities, "U16", tensors, planeContextCount)),
    seen: new Uint8Array(storedVector(tensorNames.seen, "U8", tensors, planeContextCount)),
  };
  checkPlaneContexts(contexts);
  return contexts;
}

export function planeTensors({ indices, probabilities, seen }: PlaneContexts): [string, Tensor][] {
  const vector = (dtype: Tensor["dtype"], values: Int32Array | Uint16Array | Uint8Array): Tensor => ({
    dtype,
    shape: [values.length],
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
  return [
    [tensorNames.indices, vector("I32", indices)],
    [tensorNames.probabilities, vector("U16", probabilities)],
    [tensorNames.seen, vector("U8", seen)],
  ];
}
