import type { Pacer } from "../../ground/pacer.js";
import { copyFloats } from "./paced-floats.js";

/** The last rows of floats in kernel memory, carried from strip to strip outside of it. */
export interface KnownRows {
  /** How many they are. */
  count(): number;
  /** Writes them to the beginning of `floats`. */
  restore(floats: Float32Array, pacer: Pacer): Promise<void>;
  /** Keeps the last rows of `floats`. */
  keep(floats: Float32Array, pacer: Pacer): Promise<void>;
}

/** Keeps `most` rows of `rowFloats` floats at most. */
export function knownRows(rowFloats: number, most: number): KnownRows {
  let kept = new Float32Array(0);
  return {
    count: () => kept.length / rowFloats,
    restore: (floats, pacer) => copyFloats(kept, floats, pacer),
    keep(floats, pacer) {
      kept = new Float32Array(Math.min(most * rowFloats, floats.length));
      return copyFloats(floats.subarray(floats.length - kept.length), kept, pacer);
    },
  };
}
