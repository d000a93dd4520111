import { type Bytes, viewOf } from "../../ground/byte-source.js";
import { hexOf } from "../../ground/bytes.js";
import { expected } from "../../ground/errors.js";
import { limits } from "../../ground/limits.js";
import { fieldsThrough, hasFlag } from "./container.js";
import { percentOfLevel } from "./quality.js";

/** What the first bytes of a stream tell. */
export interface StreamHead {
  /** What `codec.model.id` is of the model that decodes it. */
  readonly modelId: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly channels: "grey" | "colour";
  readonly alpha: boolean;
  /** Quality differs from place to place: see `importance` of encoding. */
  readonly places: boolean;
  /** Coded without latents: the colour is exact, and there is no quality. */
  readonly lossless: boolean;
  /** 0 .. 100 */
  readonly quality: number | undefined;
}

/** A head has at most so many bytes. */
export const longestHead = 20;

/**
 * Size, model and kind of a stream from its first 20 bytes, or more of them: enough to lay out a page or to fetch a model while the rest is on its way. What lies behind
 * is not looked at, and nothing tells whether the stream is damaged.
 * @throws IsthmusError `not-isthmus`, `unsupported-version`, `truncated` (fewer bytes than the head has), `corrupt`, `image-too-large` (a side above 2^16) or `invalid-parameter`
 */
export function readHead(bytes: Bytes): StreamHead {
  const view = viewOf(bytes);
  if (!view) throw expected("bytes", "bytes", bytes);
  return headOf(fieldsThrough("quality", view, limits.maxSide ** 2));
}

/** What the fields of a stream say that lie in its head. */
export function headOf(fields: ReturnType<typeof fieldsThrough>): StreamHead {
  const lossless = hasFlag(fields, "lossless");
  const number = (name: string): number => fields.get(name)?.value as number;
  return {
    modelId: hexOf(fields.get("model")?.value as Uint8Array),
    width: number("width"),
    height: number("height"),
    channels: hasFlag(fields, "grey") ? "grey" : "colour",
    alpha: hasFlag(fields, "alpha"),
    places: hasFlag(fields, "places"),
    lossless,
    quality: lossless ? undefined : percentOfLevel(number("quality")),
  };
}
