import type { Pacer } from "../../ground/pacer.js";
import type { Kernels, Pointer } from "../../kernels/kernels.js";

/** Floats that are cleared or copied at a time: of a hostile model there may be gigabytes. */
const floatsAtOnce = 1 << 22;

/** Does work on `count` floats in parts, with breath in between. */
export async function inParts(
  count: number,
  pacer: Pacer,
  work: (first: number, count: number) => void,
): Promise<void> {
  for (let first = 0; first < count; first += floatsAtOnce) {
    work(first, Math.min(floatsAtOnce, count - first));
    if (pacer.isDue) await pacer.breathe();
  }
}

export const clearFloats = ({ call }: Kernels, pointer: Pointer, count: number, pacer: Pacer): Promise<void> =>
  inParts(count, pacer, (first, count) => call.fill(count, 0, pointer + first * 4));

/** `to` is as long, or longer. */
export const copyFloats = (from: Float32Array, to: Float32Array, pacer: Pacer): Promise<void> =>
  inParts(from.length, pacer, (first, count) => to.set(from.subarray(first, first + count), first));
