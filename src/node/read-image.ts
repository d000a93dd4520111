import type { Metadata, Sharp } from "sharp";
import { IsthmusError, throwIfAborted } from "../errors.js";
import type { Channels, DecodedImage } from "../image/image.js";
import { limitOf, limits } from "../limits.js";
import { plainArray, readBytes } from "./files.js";
import { loadSharp, reasonOf } from "./sharp.js";

/** Kinds of image file that are read; others that sharp knows (SVG, PDF, ...) are documents, not pixels. */
const readableFormats = ["jpeg", "png", "webp", "heif", "tiff", "gif"];

export interface ReadImageOptions {
  /** Largest number of pixels, checked before decoding. Default 2^28. */
  readonly maxPixels?: number;
  /** Keep only the middle of an image that has more pixels than this. */
  readonly cropToPixels?: number;
  /** What messages call an image that is given as bytes. Default "the given bytes". */
  readonly name?: string;
  /** Called where the file holds what an image in memory does not: "16 bits", "CMYK", "12 frames". */
  readonly onConvert?: (from: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a JPEG, PNG, WebP, AVIF, TIFF or GIF (its first frame) from a path or from bytes, as 8-bit sRGB with its EXIF
 * orientation applied. `channels` is that of the file: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA (a GIF has alpha only where
 * a pixel of it is transparent). Throws `file-not-found`, `file-unreadable`, `invalid-image`, `image-too-large` or `dependency-missing`.
 */
export async function readImage(source: string | Uint8Array, options: ReadImageOptions = {}): Promise<DecodedImage> {
  const pipeline = await sharpPipeline(source, options);
  const { data, info } = await pipeline.run((image) =>
    image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }),
  );
  const image = { data: plainArray(data), width: info.width, height: info.height, channels: info.channels };
  const dropsAlpha = pipeline.format === "gif" && isOpaque(image);
  const { hasAlpha, isGrey } = pipeline;
  return hasAlpha && (isGrey || dropsAlpha) ? keepChannels(image, isGrey, !dropsAlpha) : image;
}

/** An image on its way through sharp, checked and upright: 1 (grey without alpha), 3 or 4 samples a pixel. */
export interface SharpPipeline {
  readonly format: string;
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  /** Runs the pipeline to its end; throws `invalid-image` where the image cannot be decoded. */
  run<Result>(finish: (image: Sharp) => Promise<Result>): Promise<Result>;
}

/** Opens an image file. Throws as `readImage`. */
export async function sharpPipeline(source: string | Uint8Array, options: ReadImageOptions): Promise<SharpPipeline> {
  const sharp = await loadSharp();
  const name = typeof source === "string" ? source : (options.name ?? "the given bytes");
  const bytes = typeof source === "string" ? await readBytes(source, options.signal) : source;
  throwIfAborted(options.signal);
  const metadata = await readMetadata(bytes, name);
  checkPixels(metadata, name, limitOf("maxPixels", options.maxPixels, limits.maxPixels));

  const isGrey = metadata.space === "b-w" || metadata.space === "grey16";
  // Grey with alpha goes through RGBA, because sharp's grey output has no alpha.
  const space = isGrey && !metadata.hasAlpha ? "b-w" : "srgb";
  const run: SharpPipeline["run"] = async (finish) => {
    try {
      const pipeline = sharp(bytes, { limitInputPixels: false, pages: 1 }).autoOrient().toColourspace(space);
      if (options.cropToPixels !== undefined) {
        const area = middle(metadata.autoOrient.width, metadata.autoOrient.height, options.cropToPixels);
        if (area) pipeline.extract(area);
      }
      return await finish(pipeline);
    } catch (cause) {
      const message = `Expected a whole image in ${name} but decoding failed: ${reasonOf(cause)}`;
      throw new IsthmusError("invalid-image", message, { cause });
    }
  };
  for (const from of conversionsOf(metadata)) options.onConvert?.(from);
  return { format: metadata.format, isGrey, hasAlpha: metadata.hasAlpha, run };
}

/** What is lost, or changed, on the way to one picture of 8-bit sRGB. */
function conversionsOf({ depth, space, pages = 1 }: Metadata): string[] {
  const bits: Record<string, string> = { ushort: "16 bits", short: "16 bits", float: "floating point" };
  return [
    ...(depth && bits[depth] ? [bits[depth]] : []),
    ...(space === "cmyk" ? ["CMYK"] : []),
    ...(pages > 1 ? [`${pages} frames`] : []),
  ];
}

/** Width and height (orientation applied) of an image file, without decoding it. Throws as `readImage` does. */
export async function readImageSize(
  source: string | Uint8Array,
  name = typeof source === "string" ? source : "the given bytes",
): Promise<{ width: number; height: number }> {
  const { autoOrient } = await readMetadata(typeof source === "string" ? await readBytes(source) : source, name);
  return autoOrient;
}

async function readMetadata(bytes: Uint8Array, name: string): Promise<Metadata> {
  const sharp = await loadSharp();
  const invalid = (reason: string, cause?: unknown): IsthmusError =>
    new IsthmusError("invalid-image", `Expected a JPEG, PNG, WebP, AVIF, TIFF or GIF in ${name} but ${reason}`, {
      cause,
    });
  if (bytes.length === 0) throw invalid("it is empty");
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw invalid("it is none of them, or damaged", cause);
  }
  if (!readableFormats.includes(metadata.format)) throw invalid(`it is ${metadata.format.toUpperCase()}`);
  return metadata;
}

function checkPixels({ width, height }: Metadata, name: string, maxPixels: number): void {
  if (width * height <= maxPixels && width <= limits.maxSide && height <= limits.maxSide) return;
  throw new IsthmusError(
    "image-too-large",
    `Expected at most ${maxPixels} pixels, ${limits.maxSide} a side, for ${name} but received ${width} x ${height}`,
  );
}

/** The middle of an image, of its shape and at most `pixels` large; nothing where the whole image is small enough. */
function middle(width: number, height: number, pixels: number) {
  const factor = Math.sqrt(pixels / (width * height));
  if (factor >= 1) return undefined;
  const area = { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
  return { ...area, left: (width - area.width) >> 1, top: (height - area.height) >> 1 };
}

function isOpaque({ data, channels }: DecodedImage): boolean {
  for (let alpha = channels - 1; alpha < data.length; alpha += channels) {
    if (data[alpha] !== 255) return false;
  }
  return true;
}

/** Of an RGBA image keeps one of its colours or all three, with alpha or without. */
function keepChannels({ data, width, height }: DecodedImage, grey: boolean, alpha: boolean): DecodedImage {
  const kept = [...(grey ? [0] : [0, 1, 2]), ...(alpha ? [3] : [])];
  const samples = new Uint8Array(width * height * kept.length);
  for (let pixel = 0, to = 0; pixel < data.length; pixel += 4) {
    for (const channel of kept) samples[to++] = data[pixel + channel];
  }
  return { data: samples, width, height, channels: kept.length as Channels };
}
