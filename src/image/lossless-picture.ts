import { joinAlpha, type SeparatedImage } from "./alpha.js";
import { greyAsRgb } from "./channels.js";
import { fewLevelsOf } from "./few-levels.js";
import type { Shape } from "./image.js";

/** A picture that may be coded without loss in place of its latents. */
export interface LosslessPicture {
  /** Its grey samples; undefined where it has colour or many levels. */
  readonly plane: Uint8Array | undefined;
  /** One channel of colour is wanted back instead of three. */
  readonly grey: boolean;
  readonly alpha: Uint8Array | undefined;
}

/** Samples of a piece of rows. */
const pieceSamples = 1 << 20;

/** The lossless side of a picture for a model of `channels`; one of four gives back colour and alpha whatever came in. */
export function losslessPicture({ colour, alpha }: SeparatedImage, channels: 1 | 3 | 4): LosslessPicture {
  const plane = fewLevelsOf(colour, alpha);
  if (channels < 4) return { plane, grey: channels === 1 || colour.channels === 1, alpha };
  return { plane, grey: false, alpha: alpha?.every((sample) => sample === 255) ? undefined : alpha };
}

/** The rows of a decoded lossless picture, with the given channels. */
export async function* losslessRows(
  { plane, alpha }: { readonly plane: Uint8Array; readonly alpha: Uint8Array | undefined },
  { width, height }: Pick<Shape, "width" | "height">,
  channels: Shape["channels"],
): AsyncGenerator<Uint8Array, void, void> {
  const rows = Math.max(1, Math.floor(pieceSamples / width));
  for (let top = 0; top < height; top += rows) {
    const [from, to] = [top * width, Math.min(height, top + rows) * width];
    const grey = { data: plane.subarray(from, to), width, height: (to - from) / width, channels: 1 as const };
    const colour = channels <= 2 ? grey : greyAsRgb(grey);
    const opaque = () => new Uint8Array(to - from).fill(255);
    yield channels % 2 ? colour.data : joinAlpha(colour, alpha?.subarray(from, to) ?? opaque()).data;
  }
}
