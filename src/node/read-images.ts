import { type IsthmusError, throwIfAborted } from "../ground/errors.js";
import { aBoolean, aFunction, aNumber, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import type { DecodedImage } from "../image/image.js";
import { imagePaths, isFault, nothingIn } from "./image-paths.js";
import { readImage } from "./read-image.js";

/** An image of a training set, with the path it came from. */
export interface NamedImage extends DecodedImage {
  readonly path: string;
}

export interface ReadImagesOptions {
  /** Called for each file that cannot be read as an image; it is left out. Without it such a file is an error. */
  readonly onSkip?: (path: string, error: IsthmusError) => void;
  /** Called for each file of another kind than 8-bit sRGB or grey, with what it was; see `ReadImageOptions`. */
  readonly onConvert?: (path: string, from: string) => void;
  /** Called after each file. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Most samples (bytes of memory) of all images together (`openImages` is for more). Default 2^30. Where the set may not fit, large images are cropped
   * to their middle, down to 2^18 pixels each; then, if there are too many, evenly spread ones are left out.
   */
  readonly maxSamples?: number;
  /** False leaves the size of every image as it is, for models of one size. Default true. */
  readonly crop?: boolean;
  /** Refuse files with faults that decoders get over; see `ReadImageOptions`. Default false. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kinds: OptionTable<ReadImagesOptions> = {
  onSkip: aFunction,
  onConvert: aFunction,
  onProgress: aFunction,
  maxSamples: aNumber,
  crop: aBoolean,
  strict: aBoolean,
  signal: aSignal,
};
const smallestCrop = 1 << 18;

/**
 * Reads the images of folders (searched recursively), globs and files, in natural order, for training. The same files give
 * the same images. Throws `invalid-training-set` where there is none, and what `readImage` throws.
 */
export async function readImages(
  sources: string | readonly string[],
  options: ReadImagesOptions = {},
): Promise<NamedImage[]> {
  checkOptions(options, kinds, "readImages");
  const paths = await imagePaths(sources);
  const maxSamples = options.maxSamples ?? 2 ** 30;
  const cropToPixels = Math.max(smallestCrop, Math.floor(maxSamples / 3 / Math.max(1, paths.length)));

  const images: NamedImage[] = [];
  let samples = 0;
  let stride = 1;
  for (const [index, path] of paths.entries()) {
    throwIfAborted(options.signal);
    options.onProgress?.(index, paths.length);
    if (index % stride !== 0) continue;
    const image = await readOne(path, { ...options, cropToPixels: options.crop === false ? undefined : cropToPixels });
    if (!image) continue;
    images.push(image);
    samples += image.data.length;
    if (samples <= maxSamples) continue;
    // Halve what has been read and what will be, so that the set stays spread over all files.
    stride *= 2;
    const kept = images.filter((_, position) => position % 2 === 0);
    images.splice(0, images.length, ...kept);
    samples = kept.reduce((sum, { data }) => sum + data.length, 0);
  }
  options.onProgress?.(paths.length, paths.length);
  if (images.length === 0) throw nothingIn(sources, paths);
  return images;
}

async function readOne(
  path: string,
  { cropToPixels, strict, onSkip, onConvert, signal }: { cropToPixels: number | undefined } & ReadImagesOptions,
): Promise<NamedImage | undefined> {
  try {
    const image = await readImage(path, {
      signal,
      strict,
      ...(cropToPixels !== undefined && { cropToPixels }),
      onConvert: (from) => onConvert?.(path, from),
    });
    return { ...image, path };
  } catch (error) {
    if (!onSkip || !isFault(error)) throw error;
    onSkip(path, error);
    return undefined;
  }
}
