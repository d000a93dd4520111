import type { DecodeContext, EncodeContext, PayloadForm } from "./payload.js";
import { decodeLatents, encodeLatents, type LatentsParts, latentsForm } from "./payloads/latents.js";
import { decodePlane, encodePlanePayload, type PlaneParts, planeForm } from "./payloads/plane.js";

/** What a stream may hold. A kind of payload is registered by a line in each of these four lists. */
export type PayloadParts = LatentsParts | PlaneParts;

/** The forms, by their number in the head of a stream. */
export const payloadForms: readonly PayloadForm[] = [latentsForm, planeForm];

/** Makes rows of pixels of the parts of a stream. */
export type PayloadDecoder<Parts extends PayloadParts = PayloadParts> = (
  parts: Parts & { readonly alpha?: Uint8Array },
  context: DecodeContext,
) => AsyncGenerator<Uint8Array, void, void> | Promise<AsyncGenerator<Uint8Array, void, void>>;

/** The decoders, apart from the forms: what only looks at streams need not load them. */
export const payloadDecoders: { readonly [Parts in PayloadParts as Parts["payload"]]: PayloadDecoder<Parts> } = {
  latents: decodeLatents,
  plane: decodePlane,
};

/** What makes them of pictures, in the order in which they are tried; the shortest stream wins, of two the later. The first may take any picture, and reads its rows. */
export const payloadEncoders: readonly ((
  context: EncodeContext,
) => Promise<(PayloadParts & { readonly alpha?: Uint8Array | undefined }) | undefined>)[] = [
  encodeLatents,
  encodePlanePayload,
];
