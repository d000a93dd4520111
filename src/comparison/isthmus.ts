import { loadCodec, Model } from "../index.js";
import type { Competitor, CompetitorFacts } from "./competitor.js";

/** The model whose curve is compared with the others. */
export interface OwnModel {
  readonly bytes: Uint8Array;
  /** 0 .. 9: how long the encoder searches; undefined is its default. */
  readonly effort: number | undefined;
}

export const ownId = "isthmus";

export const ownFacts = ({ bytes, effort }: OwnModel): CompetitorFacts => ({
  id: ownId,
  name: "Isthmus",
  setting: [`model ${Model.read(bytes).id}`, ...(effort === undefined ? [] : [`effort ${effort}`])].join(", "),
  keepsAlpha: true,
  lossless: false,
});

export async function openIsthmus(own: OwnModel): Promise<Competitor> {
  const codec = await loadCodec({ model: own.bytes });
  const { effort } = own;
  return {
    ...ownFacts(own),
    encode: (image, quality) => codec.encode(image, { quality, ...(effort !== undefined && { effort }) }),
    decode: (bytes) => codec.decode(bytes),
  };
}

/** True for a model of one size, which can code no part of an image. */
export const needsWholeImages = ({ bytes }: OwnModel): boolean => Model.read(bytes).configuration.fixedSize;
