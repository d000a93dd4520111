import { IsthmusError } from "../ground/errors.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import type { Size } from "../models/tiling.js";
import type { Breath } from "./breath.js";
import { type CheckedSource, isLazy, pixelsOf } from "./gallery.js";
import type { LosslessShare } from "./lossless-share.js";
import { type PatchSide, patchSideFor } from "./patch-size.js";

/** What must be known of a set of images before a training on them can be planned. */
export interface SetFacts {
  readonly sizes: readonly Size[];
  /** Some image has a channel of alpha. Images that are decoded when they are wanted may have it unnoticed, where they are photos. */
  readonly alpha: boolean;
  /** No image holds colour. Grey is told by the pixels: files of grey pictures often hold three equal channels. */
  readonly grey: boolean;
  /** Pixels differ within or between images; images of one size differ from one another. */
  readonly pixelsVary: boolean;
  readonly picturesVary: boolean;
  /** Patches that suit grey photos; undefined for others. */
  readonly patchSide: PatchSide | undefined;
  /** Present where models shall code: see `withLosslessShare`. */
  readonly lossless?: LosslessShare;
}

/** Samples that are looked at without a pause. */
const pieceSamples = 0x100000;
/** Images that are decoded when they are wanted are all looked at where they are as small as those of fixed sizes. */
const smallPixels = 64 * 64;
/** Other ones as far as it takes to know, but for planes and patches so many at most, evenly spread. */
export const mostLookedAt = 200;

/** Looks at all images, as far as it takes. Throws `invalid-training-set` where there are none, and what decoding throws. */
export async function factsOf(sources: readonly CheckedSource[], breath: Breath): Promise<SetFacts> {
  if (sources.length === 0) {
    throw new IsthmusError("invalid-training-set", "Expected at least one image for training but received none");
  }
  const sizes = sources.map(({ width, height }) => ({ width, height }));
  const oneSize = isOneSize(sizes);
  const isSmall = oneSize && sizes[0].width * sizes[0].height <= smallPixels;
  const first = await pixelsOf(sources[0]);
  let [alpha, grey, pixelsVary, picturesVary] = [false, true, false, false];
  for (const source of sources) {
    const known = !grey && pixelsVary && (picturesVary || !oneSize);
    if (!known || !isLazy(source) || isSmall) {
      const image = await pixelsOf(source);
      alpha ||= hasAlpha(image.channels);
      grey &&= !(await some(image, breath, holdsColour));
      pixelsVary ||= await some(image, breath, differsFrom(first, first.channels));
      if (oneSize) picturesVary ||= await some(image, breath, differsFrom(first, first.data.length));
    }
    await breath.breathe();
  }
  const patchSide = grey ? await patchSideFor(lookedAt(sources), breath) : undefined;
  return { sizes, alpha, grey, pixelsVary, picturesVary, patchSide };
}

export const isOneSize = (sizes: readonly Size[]): boolean =>
  sizes.every(({ width, height }) => width === sizes[0].width && height === sizes[0].height);

/** All images, or some of them, evenly spread, where they would have to be decoded. */
export function lookedAt(sources: readonly CheckedSource[]): readonly CheckedSource[] {
  return sources.some(isLazy) ? evenly(sources, mostLookedAt) : sources;
}

/** So many of the items at most, evenly spread. */
export function evenly<Item>(items: readonly Item[], most: number): Item[] {
  const every = Math.ceil(items.length / most);
  return items.filter((_, i) => i % every === 0);
}

/** Width and height that all images share; throws `invalid-training-set` where they do not. */
export function commonSize(sizes: readonly Size[]): Size {
  const [{ width, height }] = sizes;
  const other = sizes.find((size) => size.width !== width || size.height !== height);
  if (!other) return { width, height };
  throw new IsthmusError(
    "invalid-training-set",
    `Expected images of one size for the vector preset but received ${width} x ${height} and ${other.width} x ${other.height}`,
  );
}

/** Throws `invalid-training-set` where nothing varies: all pictures are the same where they have one size, or all pixels where they may have any. */
export function checkVariance({ pixelsVary, picturesVary }: SetFacts, oneSize: boolean): void {
  if (oneSize ? picturesVary : pixelsVary) return;
  throw new IsthmusError(
    "invalid-training-set",
    oneSize
      ? "Expected images that differ for training but received copies of one: their variance is 0"
      : "Expected images with something to see for training but received a single flat colour: their variance is 0",
  );
}

/** Looks for something in an image, piece by piece, from sample `from` to `to`, both at the start of a pixel. */
type Look = (image: DecodedImage, from: number, to: number) => boolean;

async function some(image: DecodedImage, breath: Breath, look: Look): Promise<boolean> {
  const piece = pieceSamples - (pieceSamples % image.channels);
  for (let from = 0; from < image.data.length; from += piece) {
    if (look(image, from, Math.min(image.data.length, from + piece))) return true;
    await breath.breathe();
  }
  return false;
}

/** What is invisible has no colour. */
const holdsColour: Look = ({ data, channels }, from, to) => {
  if (colourChannels(channels) === 1) return false;
  for (let i = from; i < to; i += channels) {
    if ((data[i] !== data[i + 1] || data[i] !== data[i + 2]) && (channels === 3 || data[i + 3] !== 0)) return true;
  }
  return false;
};

/** Whether samples differ from those of an image, which are repeated after `period` of them. */
const differsFrom =
  ({ data: first }: DecodedImage, period: number): Look =>
  ({ data }, from, to) => {
    for (let i = from, at = from % period; i < to; i++) {
      if (data[i] !== first[at]) return true;
      if (++at === period) at = 0;
    }
    return false;
  };
