import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { type IsthmusError, throwIfAborted } from "../ground/errors.js";
import { aBoolean, aFunction, aNumber, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import type { DecodedImage } from "../image/image.js";
import type { LazyImage } from "../training/gallery.js";
import { unreadable } from "./files.js";
import { imagePaths, isFault, nothingIn } from "./image-paths.js";
import { croppedSize, readImage, readImageSize } from "./read-image.js";

/** An image file of a training set that is decoded when it is wanted. */
export interface NamedLazyImage extends LazyImage {
  readonly path: string;
  decode(): Promise<DecodedImage>;
}

export interface OpenImagesOptions {
  /**
   * Called for each file that cannot be read as an image, which is left out, and for each that turns out to be damaged when it is decoded, whose place
   * medium grey takes. Without it such a file is an error.
   */
  readonly onSkip?: (path: string, error: IsthmusError) => void;
  /** Called once for each file of another kind than 8-bit sRGB or grey, when it is decoded, with what it was; see `ReadImageOptions`. */
  readonly onConvert?: (path: string, from: string) => void;
  /** Called after each file. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Of larger images the middle is taken, of this many pixels at most. Default 2^22. */
  readonly cropToPixels?: number;
  /** Refuse files with faults that decoders get over; see `ReadImageOptions`. Default false. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kinds: OptionTable<OpenImagesOptions> = {
  onSkip: aFunction,
  onConvert: aFunction,
  onProgress: aFunction,
  cropToPixels: aNumber,
  strict: aBoolean,
  signal: aSignal,
};
const usualCrop = 1 << 22;
/** Bytes that are looked at, at both ends of a file: compressed files that differ somewhere differ in their length, or there, too. */
const headBytes = 1 << 18;
const endBytes = 1 << 16;

/**
 * Opens the images of folders (searched recursively), globs and files, in natural order, for a training that decodes them as it draws from them: for more
 * photos than memory has room for. Only sizes are read. Throws `invalid-training-set` where there is none, and what `readImage` throws.
 */
export async function openImages(
  sources: string | readonly string[],
  options: OpenImagesOptions = {},
): Promise<NamedLazyImage[]> {
  checkOptions(options, kinds, "openImages");
  const { onSkip } = options;
  const images = await openStrictly(sources, options);
  return onSkip ? images.map((image) => withStandIn(image, onSkip)) : images;
}

/** `openImages`, but what is damaged is an error when it is decoded. */
export async function openStrictly(
  sources: string | readonly string[],
  options: OpenImagesOptions,
): Promise<NamedLazyImage[]> {
  const paths = await imagePaths(sources);
  const images: NamedLazyImage[] = [];
  for (const [index, path] of paths.entries()) {
    throwIfAborted(options.signal);
    options.onProgress?.(index, paths.length);
    try {
      images.push(await openOne(path, options));
    } catch (error) {
      if (!options.onSkip || !isFault(error)) throw error;
      options.onSkip(path, error);
    }
  }
  options.onProgress?.(paths.length, paths.length);
  if (images.length === 0) throw nothingIn(sources, paths);
  return images;
}

/** Medium grey takes the place of an image that turns out to be damaged: a training of hours should not end for it. */
export function withStandIn(
  image: NamedLazyImage,
  onSkip: (path: string, error: IsthmusError) => void,
): NamedLazyImage {
  const { path, width, height } = image;
  let isTold = false;
  const decode = async (): Promise<DecodedImage> => {
    try {
      return await image.decode();
    } catch (error) {
      if (!isFault(error)) throw error;
      if (!isTold) onSkip(path, error);
      isTold = true;
      return { data: new Uint8Array(width * height).fill(128), width, height, channels: 1 };
    }
  };
  return { ...image, decode };
}

async function openOne(path: string, options: OpenImagesOptions): Promise<NamedLazyImage> {
  const { cropToPixels = usualCrop, strict } = options;
  let { onConvert } = options;
  const ends = await readEnds(path);
  const decode = async (): Promise<DecodedImage> => {
    const image = await readImage(path, { cropToPixels, strict, onConvert: (from) => onConvert?.(path, from) });
    onConvert = undefined;
    return image;
  };
  if (!ends) {
    const image = await decode();
    const { data, width, height } = image;
    return { path, width, height, digest: digestOf(width, height, data), decode: async () => image };
  }
  const { width, height } = await sizeOf(path, ends);
  const digest = digestOf(ends.bytes, ends.head, ends.tail);
  return { path, ...croppedSize(width, height, cropToPixels), digest, decode };
}

/** Both ends of a file, and its length; they are the same where it is short. */
interface Ends {
  readonly bytes: number;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** Undefined for what is no file but, say, a pipe: what comes through it comes once. */
async function readEnds(path: string): Promise<Ends | undefined> {
  let file: FileHandle | undefined;
  try {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    const { size } = found;
    file = await open(path);
    const head = await file.read(new Uint8Array(Math.min(headBytes, size)), 0, undefined, 0);
    const tailBytes = Math.min(endBytes, size);
    const tail = await file.read(new Uint8Array(tailBytes), 0, undefined, size - tailBytes);
    return { bytes: size, head: head.buffer, tail: tail.buffer };
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await file?.close();
  }
}

/** Nearly all files tell their size at the beginning. */
async function sizeOf(path: string, { bytes, head }: Ends) {
  if (head.length === bytes) return readImageSize(head, path);
  return readImageSize(head, path).catch(() => readImageSize(path));
}

function digestOf(...parts: readonly (number | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(typeof part === "number" ? `${part} ` : part);
  return hash.digest("hex");
}
