import { type ErrorCode, IsthmusError } from "../../src/ground/errors.js";
import type { DecodedImage } from "../../src/image/image.js";
import { decodeStream } from "../reference/decoder/decode.js";
import { unlessRefused } from "../reference/decoder/refused.js";
import type { Dice } from "./dice.js";
import type { Subject, Subjects } from "./subjects.js";

/** One way in for bytes from outside. */
export interface Target {
  readonly name: string;
  /** Its share of the inputs, beside the others'. */
  readonly weight: number;
  /** Codes that its documentation allows. */
  readonly codes: readonly ErrorCode[];
  /** Makes an input and what is done with it. */
  readonly make: (subjects: Subjects, dice: Dice) => Trial;
}

export interface Trial {
  readonly input: Uint8Array | string;
  readonly run: () => unknown;
}

/** Thrown where bytes were taken that should not have been, or gave something else than they should. */
export class Wrong extends Error {}

export const demand = (condition: boolean, otherwise: string): void => {
  if (!condition) throw new Wrong(otherwise);
};

export function checkImage({ width, height, channels, data }: DecodedImage, most: number): void {
  demand(width * height <= most, `${width} x ${height} pixels where ${most} are allowed`);
  demand([1, 2, 3, 4].includes(channels), `${channels} channels`);
  demand(data.length === width * height * channels, `${data.length} samples for ${width} x ${height} x ${channels}`);
}

/** The image of a stream; where `twice`, the second decoder must agree. */
export async function decodeChecked(
  { decoder, reference }: Pick<Subject, "decoder" | "reference">,
  input: Uint8Array,
  most: number,
  twice: boolean,
) {
  const again = twice ? unlessRefused(() => decodeStream(reference, input)) : undefined;
  let image: DecodedImage;
  try {
    image = await decoder.decode(input, { maxPixels: most });
  } catch (error) {
    // The second decoder has no limits of its own.
    const tooLarge = error instanceof IsthmusError && error.code === "image-too-large";
    demand(tooLarge || again === undefined, `the second decoder takes what the first refuses (${error})`);
    throw error;
  }
  checkImage(image, most);
  if (twice) checkSame(image, again);
}

export function checkSame(
  image: DecodedImage,
  again: { width: number; channels: number; data: Uint8Array } | undefined,
): void {
  demand(again !== undefined, "the second decoder refuses what the first takes");
  const { width, channels, data } = again!;
  demand(width === image.width && channels === image.channels, "the second decoder gives another shape");
  demand(Buffer.compare(data, image.data) === 0, "the second decoder gives other pixels");
}
