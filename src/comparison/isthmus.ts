import { loadCodec, Model } from "../index.js";
import type { Competitor, CompetitorFacts } from "./competitor.js";

/** The model whose curve is compared with the others. */
export interface OwnModel {
  /** A file that stands alone. */
  readonly bytes: Uint8Array;
  /** What the model takes as it is stored: whole, and for receivers, who have its parent where it is a difference to that. */
  readonly stored: { readonly bytes: number; readonly receiverBytes: number; readonly parent: string | undefined };
  /** 0 .. 9: how long the encoder searches; undefined is its default. */
  readonly effort: number | undefined;
}

/** What a model is compared as. */
export const ownOf = (model: Model, effort?: number): OwnModel => ({
  bytes: model.parent ? model.coded() : model.bytes,
  stored: { bytes: model.bytes.length, receiverBytes: model.receiver().length, parent: model.parent?.id },
  effort,
});

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
