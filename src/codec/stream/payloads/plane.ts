import { concatenate } from "../../../ground/bytes.js";
import { IsthmusError } from "../../../ground/errors.js";
import { losslessRows } from "../../../image/lossless-picture.js";
import { damagedPlane } from "../../planes/plane.js";
import type { DecodeContext, EncodeContext, PayloadForm } from "../payload.js";

/** A picture of few colours without loss. */
export interface PlaneParts {
  readonly payload: "plane";
  /** True where samples stand for the colours of a palette, and not for greys. */
  readonly palette?: boolean;
  /** The samples as the plane coder wrote them, behind the palette where there is one. */
  readonly plane: Uint8Array;
}

export const planeForm: PayloadForm = {
  name: "plane",
  flags: ["palette"],
  head: [],
  body: [{ name: "plane", kind: "rest" }],
};

/** The rows of a picture. @throws IsthmusError `corrupt` or `truncated`, at once or while they are read */
export function decodePlane(
  { palette, plane }: PlaneParts,
  { shape, mask, pacer, planeRows }: DecodeContext,
): AsyncGenerator<Uint8Array, void, void> {
  // Greys have none.
  if (palette && shape.channels < 3) throw damagedPlane();
  const { colours: painted, samples } = palette ? splitPalette(plane) : { samples: plane };
  return losslessRows(planeRows(samples, shape, pacer), mask, shape, painted);
}

/** Its payload, and the alpha beside it; undefined of many colours, where both take more than `mostBytes`, or where the frame has no room for what is needed. */
export async function encodePlanePayload({ bare, lossless, size, mostBytes, encodePlane }: EncodeContext) {
  const { few, alpha } = lossless;
  if (!few || (bare && alpha)) return undefined;
  const { palette } = few;
  const samples = await encodePlane(few.plane, size, mostBytes);
  const mask = alpha && (await encodePlane(alpha, size, mostBytes));
  if (!samples || (alpha && !mask)) return undefined;
  return { ...planeParts(samples, palette), ...(mask && { alpha: mask }) };
}

/** The payload of coded samples, which are greys unless there is a palette. */
export const planeParts = (samples: Uint8Array, palette?: Uint8Array): PlaneParts =>
  palette
    ? { payload: "plane", palette: true, plane: concatenate([Uint8Array.of(palette.length / 3 - 1), palette, samples]) }
    : { payload: "plane", plane: samples };

/** The number of colours less one, the colours, the samples (docs/FORMAT.md, "Lossless pictures"): as views. @throws IsthmusError `truncated` where it ends before the samples */
function splitPalette(plane: Uint8Array): { colours: Uint8Array; samples: Uint8Array } {
  const end = 1 + 3 * (plane[0] + 1);
  // Not so of an empty field either, which has no first byte.
  if (plane.length > end) return { colours: plane.subarray(1, end), samples: plane.subarray(end) };
  throw new IsthmusError("truncated", `Expected ${end + 1} bytes or more for plane but received ${plane.length}`);
}
