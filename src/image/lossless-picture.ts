import { joinAlpha, type SeparatedImage } from "./alpha.js";
import { greyAsRgb } from "./channels.js";
import { type FewColoured, fewColoursOf } from "./few-colours.js";
import type { Shape } from "./image.js";
import { paint } from "./palette.js";

/** A picture that may be coded without loss in place of its latents. */
export interface LosslessPicture {
  /** Undefined where it has many colours. */
  readonly few: FewColoured | undefined;
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
  const few = await fewColoursOf(colour, alpha, pacer);
  if (channels < 4) return { few, grey: channels === 1 || colour.channels === 1, alpha };
  return { few, grey: false, alpha: alpha?.every((sample) => sample === 255) ? undefined : alpha };
}

/** The rows of a decoded lossless picture from those of its plane and of its mask: pieces of the same size. `palette`: see FewColoured. */
export async function* losslessRows(
  plane: AsyncIterable<Uint8Array>,
  mask: AsyncIterator<Uint8Array> | undefined,
  { width, channels }: Shape,
  palette?: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const data of plane) {
    const alpha: Uint8Array | undefined = mask && (await mask.next()).value;
    const grey = { data, width, height: data.length / width, channels: 1 as const };
    const colour = palette
      ? { ...grey, data: paint(data, palette), channels: 3 as const }
      : channels <= 2
        ? grey
        : greyAsRgb(grey);
    yield channels % 2 ? colour.data : joinAlpha(colour, alpha ?? new Uint8Array(data.length).fill(255)).data;
  }
}
