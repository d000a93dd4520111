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

/** The lossless side of a picture for a model of `channels`; one of four gives back colour and alpha whatever came in. */
export async function losslessPicture(
  { colour, alpha }: SeparatedImage,
  channels: 1 | 3 | 4,
  pacer: { breathe(): Promise<void> },
): Promise<LosslessPicture> {
  const plane = await fewLevelsOf(colour, alpha, pacer);
  if (channels < 4) return { plane, grey: channels === 1 || colour.channels === 1, alpha };
  return { plane, grey: false, alpha: alpha?.every((sample) => sample === 255) ? undefined : alpha };
}

/** The rows of a decoded lossless picture from those of its plane and of its mask: pieces of the same size. */
export async function* losslessRows(
  plane: AsyncIterable<Uint8Array>,
  mask: AsyncIterator<Uint8Array> | undefined,
  { width, channels }: Shape,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const data of plane) {
    const alpha: Uint8Array | undefined = mask && (await mask.next()).value;
    const grey = { data, width, height: data.length / width, channels: 1 as const };
    const colour = channels <= 2 ? grey : greyAsRgb(grey);
    yield channels % 2 ? colour.data : joinAlpha(colour, alpha ?? new Uint8Array(data.length).fill(255)).data;
  }
}
