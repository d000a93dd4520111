import { viewOf } from "../ground/byte-source.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { limitOf, limits } from "../ground/limits.js";
import { pictureFileKind } from "./file-kind.js";
import { drawables } from "./source.js";
import { bytesInSrgb } from "./wide-colour.js";

/**
 * Pixels in memory: rows from top to bottom, samples interleaved, 8 bits each, sRGB, straight (not premultiplied) alpha.
 * `channels`: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. An `ImageData` fits as it is (no `channels` means 4).
 */
export interface Image {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
}

/** An image whose fields have been checked; what the library returns. */
export interface DecodedImage extends Shape {
  readonly data: Uint8Array;
}

/** Size in pixels and samples a pixel. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
}

export type Channels = 1 | 2 | 3 | 4;

/** An image that arrives in pieces: its samples in the order of an `Image`'s, cut anywhere. */
export interface ImageRows {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly rows: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** An image that is handed out in pieces of whole rows, from top to bottom. Whoever stops early leaves nothing behind. */
export interface DecodedRows extends Shape {
  readonly rows: AsyncIterable<Uint8Array>;
}

export const hasAlpha = (channels: number): boolean => channels === 2 || channels === 4;

/** Channels without alpha: 1 or 3. */
export const colourChannels = (channels: number): 1 | 3 => (channels <= 2 ? 1 : 3);

/** Width, height and channels of an image, checked; `channels` filled in. */
export function checkShape(image: Omit<Image, "data">, asked?: number): Shape {
  const maxPixels = limitOf("maxPixels", asked);
  if (typeof image !== "object" || image === null) throw noPixels(image);
  const { width, height } = image;
  const channels = image.channels ?? 4;
  for (const [name, side] of [
    ["width", width],
    ["height", height],
  ] as const) {
    if (!Number.isInteger(side) || side < 1 || side > limits.maxSide) {
      throw expected(`integer between 1 and ${limits.maxSide}`, `image.${name}`, side);
    }
  }
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) {
    throw expected("1, 2, 3 or 4", "image.channels", channels);
  }
  if (width * height > maxPixels) {
    throw new IsthmusError(
      "image-too-large",
      `Expected at most ${maxPixels} pixels for image but received ${width} x ${height}`,
    );
  }
  return { width, height, channels };
}

/**
 * Checks an image that came from outside and returns it with `channels` filled in. The samples are not copied, unless they are an `ImageData`'s in
 * Display P3 or in floats, which become bytes in sRGB.
 */
export function checkImage(image: Image, maxPixels?: number): DecodedImage {
  if (typeof image !== "object" || image === null || !("data" in image)) throw noPixels(image);
  const { width, height, channels } = checkShape(image, maxPixels);
  const data = bytesInSrgb(image) ?? image.data;
  if (!isA(data, "Uint8Array", "Uint8ClampedArray"))
    throw expected("Uint8Array or Uint8ClampedArray", "image.data", data);
  const length = width * height * channels;
  if (data.length !== length) throw expected(`${length} samples`, "image.data", data.length);
  return { data: viewOf(data)!, width, height, channels };
}

/** As `checkImage`, with samples that the caller may change from now on. */
export function copyImage(image: Image, maxPixels?: number): DecodedImage {
  const checked = checkImage(image, maxPixels);
  return checked.data.buffer === image.data.buffer ? { ...checked, data: checked.data.slice() } : checked;
}

/** Says what came instead of pixels: a file that is to be read first, more often than not. */
function noPixels(given: unknown): IsthmusError {
  const view = viewOf(given);
  const kind = view && pictureFileKind(view);
  const isFile = view || typeof given === "string" || isA(given, "Blob", "File", "Response");
  const reader = isFile ? "readImage of isthmus/node or isthmus/browser" : "readImage of isthmus/browser";
  const isRead = isFile || isA(given, ...drawables);
  const hint = isRead ? `: ${kind ? `that is ${kind}, ` : ""}read it with ${reader}` : "";
  return expected("an image { data, width, height }", "image", given, hint);
}
