import { type Bytes, viewOf } from "../../ground/byte-source.js";
import { hexOf } from "../../ground/bytes.js";
import { expected } from "../../ground/errors.js";
import { percentOfLevel } from "../latents/quality.js";
import { type ContainerParts, readHeadParts } from "./container.js";
import type { Parts } from "./fields.js";
import type { PayloadParts } from "./payloads.js";

/** What the first bytes of a stream tell. */
export interface StreamHead {
  /** What `codec.model.id` is of the model that decodes it. */
  readonly modelId: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly channels: "grey" | "colour";
  readonly alpha: boolean;
  /** What the picture is made of: symbols of latents, or samples of a plane. */
  readonly payload: PayloadParts["payload"];
  /** Quality differs from place to place: see `importance` of encoding. */
  readonly places: boolean;
  /** Coded without latents: the colour is exact, and there is no quality. */
  readonly lossless: boolean;
  /** 0 .. 100 */
  readonly quality: number | undefined;
}

/**
 * Size, model and kind of a stream from its first 18 bytes, or more of them: enough to lay out a page or to fetch a model while the rest is on its way. What lies behind
 * is not looked at, and nothing tells whether the stream is damaged.
 * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated` (fewer bytes than the head has), `corrupt`, `image-too-large` (a side above 2^16) or `invalid-parameter`
 */
export function readHead(bytes: Bytes): StreamHead {
  const view = viewOf(bytes);
  if (!view) throw expected("bytes", "bytes", bytes);
  return headOf(readHeadParts(view));
}

/** What a stream says of itself that a prefix of it tells, too. */
export function headOf(parts: Parts): StreamHead {
  const { payload, width, height, quality } = parts as unknown as ContainerParts & { readonly quality?: number };
  return {
    modelId: hexOf(parts.model as Uint8Array),
    width,
    height,
    channels: parts.grey ? "grey" : "colour",
    alpha: parts.alpha !== undefined,
    payload,
    places: parts.places !== undefined,
    lossless: quality === undefined,
    quality: quality === undefined ? undefined : percentOfLevel(quality),
  };
}
