import { imageSize } from "image-size";
import { type ByteSource, readBytes, viewOf } from "../ground/byte-source.js";
import { expected, IsthmusError, throwIfAborted } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import { limitOf } from "../ground/limits.js";
import { anything, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import { checkImage, checkShape, type DecodedImage, type Image } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import { bitmapOf, elements, unreadable } from "./bitmap.js";
import { context2d, makeCanvas } from "./canvas.js";

export interface ReadImageOptions {
  /** Largest number of pixels. A file that says its size is refused before it is decoded. Default 2^28. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kinds: OptionTable<ReadImageOptions> = { maxPixels: anything, signal: aSignal };

/** Pixels that are read of a canvas at a time, and the most of them in a row. */
const piecePixels = 1 << 20;
const longestPiece = 1 << 14;
/** The size of an image stands in its first bytes: behind a JPEG's previews and profiles at the latest. */
const headBytes = 1 << 20;

/**
 * The pixels of whatever a browser can show, in sRGB with straight alpha: 3 channels, or 4 where a pixel is not opaque. Pixels in memory, an
 * `ImageData` among them, come back as they are, or as bytes in sRGB where they are in Display P3 or floats. Files are JPEG, PNG, WebP, AVIF, GIF (its first frame) and whatever else the browser decodes,
 * turned as their EXIF orientation says. Browsers keep canvases with premultiplied alpha, so colours under a low alpha lose precision on their
 * way; opaque pixels do not.
 *
 * @throws IsthmusError `invalid-image` (no image, a damaged one, or one of another origin without CORS), `image-too-large`, `invalid-parameter` or `aborted`
 */
export async function readImage(source: PixelSource, options: ReadImageOptions = {}): Promise<DecodedImage> {
  const { signal } = checkOptions(options, kinds, "readImage");
  const maxPixels = limitOf("maxPixels", options.maxPixels);
  throwIfAborted(signal);
  if (isPlain(source)) return checkImage(source, maxPixels);
  const name = nameOf(source);
  if (isA(source, "ImageBitmap", "VideoFrame")) return readDrawable(source as Drawable, name, maxPixels);
  const bitmap = await (isA(source, ...elements)
    ? bitmapOf(source, name, signal)
    : bitmapOfFile(await fileOf(source), name, maxPixels, signal));
  try {
    throwIfAborted(signal);
    return readDrawable(bitmap, name, maxPixels);
  } finally {
    bitmap.close();
  }
}

/** True for pixels in memory, an `ImageData` among them. */
function isPlain(source: unknown): source is Image {
  return typeof source === "object" && source !== null && "data" in source && "width" in source;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Drawable = ImageBitmap | VideoFrame;

/** The file that the source is or comes in. Throws `invalid-parameter` for anything else. */
async function fileOf(source: unknown): Promise<Blob> {
  if (isA(source, "Blob", "File")) return source as Blob;
  if (viewOf(source) || isA(source, "Response", "Promise")) {
    return new Blob([(await readBytes(source as ByteSource, "image")) as Uint8Array<ArrayBuffer>]);
  }
  const hint = typeof source === "string" ? ": fetch it first" : "";
  throw expected("an image, a file, a canvas or an element that shows an image", "image", source, hint);
}

async function bitmapOfFile(file: Blob, name: string, maxPixels: number, signal?: AbortSignal): Promise<ImageBitmap> {
  throwIfAborted(signal);
  const size = await checkHead(file, name, maxPixels);
  throwIfAborted(signal);
  return createImageBitmap(file).catch((cause) => {
    throw unreadable(name, cause, size);
  });
}

function readDrawable(drawable: Drawable, name: string, maxPixels: number): DecodedImage {
  const shape = checkShape({ ...sizeOf(drawable), channels: 4 }, maxPixels);
  return withoutOpaqueAlpha({ ...shape, data: readPixels(drawable, shape, name) });
}

function sizeOf(drawable: Drawable): Size {
  if ("displayWidth" in drawable) return { width: drawable.displayWidth, height: drawable.displayHeight };
  return { width: drawable.width, height: drawable.height };
}

/** The size that the file itself tells; throws `image-too-large` where it is. What cannot be told from its head is left to the browser. */
async function checkHead(file: Blob, name: string, maxPixels: number): Promise<Size | undefined> {
  if (file.size === 0) throw unreadable(name, undefined);
  const head = new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
  let size: Size;
  try {
    size = imageSize(head);
  } catch {
    return undefined;
  }
  if (size.width * size.height <= maxPixels) return size;
  throw new IsthmusError(
    "image-too-large",
    `Expected at most ${maxPixels} pixels for ${name} but received ${size.width} x ${size.height}`,
  );
}

/** RGBA, in pieces: a second copy of a large picture may be more than a small machine has, and a long canvas more than the browser has. */
function readPixels(drawable: Drawable, { width, height }: Size, name: string): Uint8Array {
  try {
    const data = new Uint8Array(width * height * 4);
    const columns = Math.min(width, longestPiece);
    const rows = Math.max(1, Math.min(height, Math.floor(piecePixels / columns)));
    const context = context2d(makeCanvas(columns, rows));
    for (let top = 0; top < height; top += rows) {
      for (let left = 0; left < width; left += columns) {
        const size = [Math.min(columns, width - left), Math.min(rows, height - top)] as const;
        context.clearRect(0, 0, ...size);
        context.drawImage(drawable, left, top, ...size, 0, 0, ...size);
        place(context.getImageData(0, 0, ...size), data, (top * width + left) * 4, width * 4);
      }
    }
    return data;
  } catch (cause) {
    if (cause instanceof RangeError) {
      const message = `Expected a picture that fits the memory at hand for ${name} but received ${width} x ${height} pixels`;
      throw new IsthmusError("image-too-large", message, { cause });
    }
    throw cause instanceof IsthmusError ? cause : unreadable(name, cause);
  }
}

/** Copies the rows of a piece to where they begin in a picture whose rows are `stride` bytes. */
function place(piece: ImageData, picture: Uint8Array, start: number, stride: number): void {
  const length = piece.width * 4;
  if (length === stride) {
    picture.set(piece.data, start);
    return;
  }
  for (let y = 0; y < piece.height; y++) {
    picture.set(piece.data.subarray(y * length, (y + 1) * length), start + y * stride);
  }
}

/** Canvases always have alpha; where it says nothing the stream need not carry it. Moves the samples together in place. */
function withoutOpaqueAlpha(image: DecodedImage): DecodedImage {
  const { data, width, height } = image;
  for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] !== 255) return image;
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) data.copyWithin(to, from, from + 3);
  return { data: data.subarray(0, width * height * 3), width, height, channels: 3 };
}

function nameOf(source: unknown): string {
  if (!isA(source, "Blob", "File")) return "the given picture";
  const { name, type } = source as File;
  return `${name ?? "the given file"}${type ? ` (${type})` : ""}`;
}
