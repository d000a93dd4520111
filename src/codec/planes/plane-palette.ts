import { concatenate } from "../../ground/bytes.js";
import { IsthmusError } from "../../ground/errors.js";

/** The field `plane` of a lossless picture of few colours: the number of its colours less one, the colours, the samples (docs/FORMAT.md, "Lossless pictures"). */
export const withPalette = (palette: Uint8Array, samples: Uint8Array): Uint8Array =>
  concatenate([Uint8Array.of(palette.length / 3 - 1), palette, samples]);

/** Its parts, as views. @throws IsthmusError `truncated` where it ends before the samples */
export function splitPalette(plane: Uint8Array): { palette: Uint8Array; samples: Uint8Array } {
  const end = 1 + 3 * (plane[0] + 1);
  // Not so of an empty field either, which has no first byte.
  if (plane.length > end) return { palette: plane.subarray(1, end), samples: plane.subarray(end) };
  throw new IsthmusError("truncated", `Expected ${end + 1} bytes or more for plane but received ${plane.length}`);
}
