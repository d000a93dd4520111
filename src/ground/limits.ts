import { expected } from "./errors.js";

/** Limits that are checked before any memory is asked for. FORMAT.md states them for writers of other decoders. */
export const limits = {
  /** Largest width or height of an image, in pixels. */
  maxSide: 1 << 16,
  /** Largest number of pixels of an image unless the caller raises it. */
  maxPixels: 1 << 28,
  /** Largest model file, in bytes, unless the caller asks for another limit. */
  maxModelBytes: 64 << 20,
  /** Largest WebAssembly memory of a codec, in bytes, unless the caller lowers it: what 32 bits address. */
  maxMemory: 2 ** 32,
  /** Longest frame of a sequence, in bytes, unless the caller asks for another limit. */
  maxFrameBytes: 1 << 26,
  /** Largest metadata (ICC, EXIF, XMP together) of a stream, in bytes. */
  maxMetadataBytes: 16 << 20,
} as const;

/** The limits that hold for whoever opens a model. They matter where the model comes from somebody else. */
export interface ModelLimits {
  /** Largest model file, in bytes. Default 2^26. */
  readonly maxModelBytes?: number | undefined;
  /**
   * Largest WebAssembly memory that the codec of a model may take, in bytes: the model and the strip of a picture at work. Pixels lie beside it: see
   * `maxPixels`. Default 2^32. Beyond it work ends with the error `memory-exceeded`.
   */
  readonly maxMemory?: number | undefined;
}

/** The limit that a caller asked for, or the usual one. Throws `invalid-parameter` for what would limit nothing, such as NaN. */
export function limitOf(
  name: "maxPixels" | "maxModelBytes" | "maxMemory" | "maxFrameBytes" | "modelTimeout" | "decodeTimeout",
  asked: number | undefined,
  usual: number = limits[name as "maxPixels"],
): number {
  if (asked === undefined) return usual;
  if (typeof asked !== "number" || !(asked >= 1)) throw expected("a number of at least 1", name, asked);
  return asked;
}
