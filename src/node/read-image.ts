import type { Metadata, Sharp } from "sharp";
import type { Bytes } from "../ground/byte-source.js";
import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { limitOf, limits } from "../ground/limits.js";
import {
  aBoolean,
  aFunction,
  aNumber,
  anything,
  aSignal,
  aText,
  checkOptions,
  type OptionTable,
} from "../ground/option-table.js";
import type { Channels, DecodedImage } from "../image/image.js";
import { firstFrame, type Rectangle } from "./first-frame.js";
import { readSource } from "./read-bytes.js";
import { channelsProblem, type SampleRoute, sampleRoute } from "./sample-route.js";
import { loadSharp, reasonOf } from "./sharp.js";

/** Kinds of image file that are read; others that sharp knows (SVG, PDF, ...) are documents, not pixels. */
const readableFormats = ["jpeg", "png", "webp", "heif", "tiff", "gif"];

export interface ReadImageOptions {
  /** Largest number of pixels, checked before decoding. Default 2^28. */
  readonly maxPixels?: number | undefined;
  /** Keep only the middle of an image that has more pixels than this. */
  readonly cropToPixels?: number;
  /** What messages call an image that is given as bytes. Default "the given bytes". */
  readonly name?: string;
  /** Refuse a file with faults that a decoder gets over, as browsers do not. Default false: they are told through `onConvert`. */
  readonly strict?: boolean | undefined;
  /**
   * Leave the samples in the space of the file's ICC profile, where that is one of grey or RGB, for whoever carries the profile along with them
   * (`readImageMetadata`). Default false.
   */
  readonly keepProfile?: boolean | undefined;
  /**
   * Called where the file holds what an image in memory does not: "16 bits", "floating point", "CMYK", "12 frames", "the profile Display P3", "gamma 1",
   * "faults (...)".
   */
  readonly onConvert?: (from: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const kinds: OptionTable<ReadImageOptions> = {
  maxPixels: anything,
  cropToPixels: aNumber,
  name: aText,
  strict: aBoolean,
  keepProfile: aBoolean,
  onConvert: aFunction,
  signal: aSignal,
};

/**
 * Reads a JPEG, PNG, WebP, AVIF, TIFF or GIF (its first frame) from a path or from bytes, as 8-bit sRGB with its EXIF
 * orientation applied: the samples that a browser shows. `channels` is that of the file: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA (a GIF has alpha only
 * where a pixel of it is transparent). Throws `file-not-found`, `file-unreadable`, `invalid-image`, `image-too-large` or `dependency-missing`.
 */
export async function readImage(source: string | Bytes, options: ReadImageOptions = {}): Promise<DecodedImage> {
  const pipeline = await sharpPipeline(source, options);
  const image = await pipeline.run(async (image): Promise<DecodedImage> => {
    const { data, info } = await image.raw({ depth: pipeline.depth }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { data: pipeline.toBytes(data, channels), width, height, channels };
  });
  return finish(pipeline.frame ? withFrame(image, pipeline.frame) : image, pipeline);
}

/** Leaves of the channels that sharp gave those of the file. */
function finish(image: DecodedImage, { format, hasAlpha, isGrey }: SharpPipeline): DecodedImage {
  if (!hasAlpha || image.channels !== 4) return image;
  const dropsAlpha = format === "gif" && isOpaque(image);
  return isGrey || dropsAlpha ? keepChannels(image, isGrey, !dropsAlpha) : image;
}

/** An image on its way through sharp, checked and upright. */
export interface SharpPipeline {
  readonly format: string;
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  /** What its raw samples are to be asked for as. */
  readonly depth: SampleRoute["depth"];
  /** Where the only frame leaves some of the canvas free, which has no alpha in what sharp gives. */
  readonly frame: Rectangle | undefined;
  /** Raw samples as bytes of sRGB; `channels` is their number a pixel. */
  toBytes(raw: Uint8Array, channels: number): Uint8Array;
  /** Runs the pipeline to its end; throws `invalid-image` where the image cannot be decoded. */
  run<Result>(finish: (image: Sharp) => Promise<Result>): Promise<Result>;
}

/** Opens an image file. Throws as `readImage`. */
export async function sharpPipeline(source: string | Bytes, options: ReadImageOptions): Promise<SharpPipeline> {
  checkOptions(options, kinds, "readImage");
  const sharp = await loadSharp();
  const name = typeof source === "string" ? source : (options.name ?? "the given bytes");
  const bytes = await readSource(source, options.signal);
  throwIfAborted(options.signal);
  const metadata = await readMetadata(bytes, name);
  const { width, height } = metadata.autoOrient;
  checkPixels(metadata, name, limitOf("maxPixels", options.maxPixels));

  const route = sampleRoute(bytes, metadata, options.keepProfile);
  const crop = options.cropToPixels === undefined ? undefined : middle(width, height, options.cropToPixels);
  const frame = metadata.hasAlpha ? undefined : partialFrame(bytes, metadata, crop);
  const open = (failOn: "warning" | "error"): Sharp => {
    const pipeline = sharp(bytes, { limitInputPixels: false, pages: 1, failOn, ignoreIcc: route.ignoreIcc });
    if (route.pipelineSpace) pipeline.pipelineColourspace(route.pipelineSpace);
    pipeline.autoOrient().toColourspace(route.space);
    if (route.outputProfile) pipeline.withIccProfile(route.outputProfile, { attach: false });
    return crop ? pipeline.extract(crop) : pipeline;
  };
  const failed = (cause: unknown): IsthmusError =>
    new IsthmusError("invalid-image", `Expected a whole image in ${name} but decoding failed: ${reasonOf(cause)}`, {
      cause,
    });
  const run: SharpPipeline["run"] = async (finish) => {
    try {
      return await finish(open("warning"));
    } catch (fault) {
      if (fault instanceof IsthmusError) throw fault;
      if (options.strict) throw failed(fault);
      const result = await finish(open("error")).catch((cause) => {
        throw cause instanceof IsthmusError ? cause : failed(cause);
      });
      options.onConvert?.(`faults (${reasonOf(fault)})`);
      return result;
    }
  };
  const toBytes: SharpPipeline["toBytes"] = (raw, channels) => {
    try {
      return route.toBytes(raw, channels);
    } catch (cause) {
      throw failed(cause);
    }
  };
  for (const from of route.conversions) options.onConvert?.(from);
  const { depth } = route;
  const hasAlpha = metadata.hasAlpha || frame !== undefined;
  return { format: metadata.format, isGrey: route.isGrey, hasAlpha, depth, frame, toBytes, run };
}

/** Width and height (orientation applied) of an image file, without decoding it. Throws as `readImage` does. */
export async function readImageSize(
  source: string | Uint8Array,
  name = typeof source === "string" ? source : "the given bytes",
): Promise<{ width: number; height: number }> {
  const { autoOrient } = await readMetadata(await readSource(source, undefined), name);
  return autoOrient;
}

/** What `cropToPixels` leaves of the size of an image. */
export const croppedSize = (width: number, height: number, pixels: number): { width: number; height: number } =>
  middle(width, height, pixels) ?? { width, height };

/** What sharp tells of an image file without decoding it, checked to be a picture. */
export async function readMetadata(bytes: Uint8Array, name: string): Promise<Metadata> {
  const sharp = await loadSharp();
  const invalid = (reason: string, cause?: unknown): IsthmusError =>
    new IsthmusError("invalid-image", `Expected a JPEG, PNG, WebP, AVIF, TIFF or GIF in ${name} but ${reason}`, {
      cause,
    });
  if (bytes.length === 0) throw invalid("it is empty");
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false, failOn: "error" }).metadata();
  } catch (cause) {
    throw invalid("it is none of them, or damaged", cause);
  }
  if (!readableFormats.includes(metadata.format)) throw invalid(`it is ${metadata.format.toUpperCase()}`);
  const problem = channelsProblem(metadata);
  if (problem)
    throw new IsthmusError("invalid-image", `Expected a picture of 1 to 4 channels in ${name} but ${problem}`);
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
function middle(width: number, height: number, pixels: number): Rectangle | undefined {
  const factor = Math.sqrt(pixels / (width * height));
  if (factor >= 1) return undefined;
  const area = { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
  return { ...area, left: (width - area.width) >> 1, top: (height - area.height) >> 1 };
}

/** The first frame, in the coordinates of what is kept of the image, where it does not cover its canvas. */
function partialFrame(
  bytes: Uint8Array,
  { format, width, height }: Metadata,
  crop: Rectangle | undefined,
): Rectangle | undefined {
  const frame = firstFrame(bytes, format);
  if (!frame) return undefined;
  const covers = frame.left === 0 && frame.top === 0 && frame.width >= width && frame.height >= height;
  return covers ? undefined : { ...frame, left: frame.left - (crop?.left ?? 0), top: frame.top - (crop?.top ?? 0) };
}

/** An RGB image with alpha: opaque in the frame, transparent black around it. */
function withFrame({ data, width, height, channels }: DecodedImage, frame: Rectangle): DecodedImage {
  const samples = new Uint8Array(width * height * 4);
  const [right, bottom] = [Math.min(width, frame.left + frame.width), Math.min(height, frame.top + frame.height)];
  for (let y = Math.max(0, frame.top); y < bottom; y++) {
    for (let x = Math.max(0, frame.left); x < right; x++) {
      const [from, to] = [(y * width + x) * channels, (y * width + x) * 4];
      for (let c = 0; c < 3; c++) samples[to + c] = data[from + Math.min(c, channels - 1)];
      samples[to + 3] = 255;
    }
  }
  return { data: samples, width, height, channels: 4 };
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
