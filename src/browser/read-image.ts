import { imageSize } from "image-size";
import { expected, IsthmusError, throwIfAborted } from "../errors.js";
import { checkImage, checkShape, type DecodedImage, type Image } from "../image/image.js";
import { isA, type PixelSource } from "../image/source.js";
import { limitOf, limits } from "../limits.js";
import { context2d, makeCanvas } from "./canvas.js";

export interface ReadImageOptions {
  /** Largest number of pixels. A file that says its size is refused before it is decoded. Default 2^28. */
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Size in pixels that is read of a canvas at a time. */
const pieceSide = 1024;
/** The size of an image stands in its first bytes: behind a JPEG's previews and profiles at the latest. */
const headBytes = 1 << 20;

/**
 * The pixels of whatever a browser can show, in sRGB with straight alpha: 3 channels, or 4 where a pixel is not opaque. Pixels in memory, an
 * `ImageData` among them, come back as they are. Files are JPEG, PNG, WebP, AVIF, GIF (its first frame) and whatever else the browser decodes,
 * turned as their EXIF orientation says. Browsers keep canvases with premultiplied alpha, so colours under a low alpha lose precision on their
 * way; opaque pixels do not.
 *
 * @throws IsthmusError `invalid-image` (no image, a damaged one, or one of another origin without CORS), `image-too-large`, `invalid-parameter` or `aborted`
 */
export async function readImage(source: PixelSource, options: ReadImageOptions = {}): Promise<DecodedImage> {
  const { signal } = options;
  const maxPixels = limitOf("maxPixels", options.maxPixels, limits.maxPixels);
  throwIfAborted(signal);
  if (isA(source, "ImageData") && (source as ImageData).colorSpace === "display-p3") {
    return converted(source as ImageData, maxPixels);
  }
  if (isPlain(source)) return checkImage(source, maxPixels);
  const name = nameOf(source);
  const size = isA(source, "Blob", "File") ? await checkHead(source as Blob, name, maxPixels) : undefined;
  throwIfAborted(signal);
  const drawable = await drawableOf(source, name, size);
  try {
    const shape = checkShape({ ...sizeOf(drawable), channels: 4 }, maxPixels);
    throwIfAborted(signal);
    return withoutOpaqueAlpha({ ...shape, data: readPixels(drawable, shape, name) });
  } finally {
    if (drawable !== source) (drawable as ImageBitmap).close();
  }
}

/** True for pixels in memory, an sRGB `ImageData` among them. */
function isPlain(source: unknown): source is Image {
  return typeof source === "object" && source !== null && "data" in source && "width" in source;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Drawable = ImageBitmap | VideoFrame | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | HTMLVideoElement;

async function drawableOf(source: unknown, name: string, size: Size | undefined): Promise<Drawable> {
  if (isA(source, "Blob", "File")) {
    try {
      return await createImageBitmap(source as Blob);
    } catch (cause) {
      throw unreadable(name, cause, size);
    }
  }
  if (isA(source, "ImageBitmap", "VideoFrame", "HTMLCanvasElement", "OffscreenCanvas")) return source as Drawable;
  if (isA(source, "HTMLImageElement")) {
    const image = source as HTMLImageElement;
    await image.decode().catch((cause) => {
      throw unreadable(name, cause);
    });
    return image;
  }
  if (isA(source, "HTMLVideoElement")) return source as Drawable;
  throw expected("an image, a file, a canvas or an element that shows an image", "image", source);
}

function sizeOf(drawable: Drawable): Size {
  if ("displayWidth" in drawable) return { width: drawable.displayWidth, height: drawable.displayHeight };
  if ("naturalWidth" in drawable) return { width: drawable.naturalWidth, height: drawable.naturalHeight };
  if ("videoWidth" in drawable) return { width: drawable.videoWidth, height: drawable.videoHeight };
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

/** RGBA, in pieces: a second copy of a large picture may be more than a small machine has. */
function readPixels(
  drawable: Drawable,
  { width, height }: { width: number; height: number },
  name: string,
): Uint8Array {
  try {
    const data = new Uint8Array(width * height * 4);
    const rows = Math.max(1, Math.min(height, Math.floor(pieceSide ** 2 / width)));
    const context = context2d(makeCanvas(width, rows));
    for (let top = 0; top < height; top += rows) {
      const count = Math.min(rows, height - top);
      context.clearRect(0, 0, width, count);
      context.drawImage(drawable, 0, top, width, count, 0, 0, width, count);
      data.set(context.getImageData(0, 0, width, count).data, top * width * 4);
    }
    return data;
  } catch (cause) {
    if (cause instanceof RangeError) {
      const message = `Expected a picture that fits the memory at hand for ${name} but received ${width} x ${height} pixels`;
      throw new IsthmusError("image-too-large", message, { cause });
    }
    throw unreadable(name, cause);
  }
}

function converted(image: ImageData, maxPixels: number): DecodedImage {
  const shape = checkShape({ width: image.width, height: image.height, channels: 4 }, maxPixels);
  const context = context2d(makeCanvas(shape.width, shape.height));
  context.putImageData(image, 0, 0);
  const data = new Uint8Array(context.getImageData(0, 0, shape.width, shape.height).data.buffer);
  return withoutOpaqueAlpha({ ...shape, data });
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

/** Browsers refuse a damaged file and one that their memory cannot hold in the same words. */
function unreadable(name: string, cause: unknown, size?: Size): IsthmusError {
  const error = cause as Partial<DOMException> | undefined;
  const wanted = size
    ? `an image that this browser can decode, and memory for its ${size.width} x ${size.height} pixels,`
    : "an image that this browser can decode";
  const message =
    error?.name === "SecurityError"
      ? `Expected pixels that this page may read (CORS) for ${name} but received a picture of another origin`
      : `Expected ${wanted} but received ${name}`;
  return new IsthmusError("invalid-image", message, { cause });
}
