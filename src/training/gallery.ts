import { expected, IsthmusError } from "../ground/errors.js";
import { limits } from "../ground/limits.js";
import { addAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour } from "../image/channels.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import type { Size } from "../models/tiling.js";
import type { Breath } from "./breath.js";
import type { TrainingImage } from "./training-set.js";

/** An image that is decoded when it is wanted, so that a training need not hold it. */
export interface LazyImage {
  readonly width: number;
  readonly height: number;
  /** Tells the image from others, and a changed one from what it was, without decoding it. */
  readonly digest: string;
  /** The image: the same at every call. */
  decode(): Promise<Image>;
}

/** What a training takes for an image. */
export type TrainingSource = Image | LazyImage;

export const isLazy = (source: TrainingSource): source is LazyImage => "decode" in Object(source);

/** A source whose shape has been checked: pixels, or where to get them. */
export type CheckedSource = DecodedImage | LazyImage;

export function checkSource(source: TrainingSource): CheckedSource {
  if (!isLazy(source)) return checkImage(source);
  const { width, height, digest, decode } = source;
  for (const [name, side] of Object.entries({ width, height })) {
    if (Number.isInteger(side) && side >= 1 && side <= limits.maxSide) continue;
    throw expected(`integer between 1 and ${limits.maxSide}`, `image.${name}`, side);
  }
  if (typeof digest !== "string") throw expected("text", "image.digest", digest);
  if (typeof decode !== "function") throw expected("a function", "image.decode", decode);
  return source;
}

/** The pixels of a source. Throws `invalid-training-set` where they are not those that it announced, and what decoding throws. */
export async function pixelsOf(source: CheckedSource): Promise<DecodedImage> {
  if (!isLazy(source)) return source;
  const image = checkImage(await source.decode());
  if (image.width === source.width && image.height === source.height) return image;
  throw new IsthmusError(
    "invalid-training-set",
    `Expected ${source.width} x ${source.height} pixels of an image but received ${image.width} x ${image.height}`,
  );
}

/** Brings a picture to the channels that a network sees. */
export function prepareImage(image: DecodedImage, channels: 1 | 3 | 4): DecodedImage {
  if (channels === 4) return addAlpha(image);
  return convertColour(separateAlpha(image).colour, channels);
}

/** Bytes of decoded images that are held at a time, unless a training is told otherwise. */
export const usualImageMemory = 0x80000000;
/** Images that are decoded at a time. */
const atATime = 4;

/** Makes what a training sees of image number `index`. */
export type Prepare = (index: number) => TrainingImage | Promise<TrainingImage>;

/**
 * The images of a training, made ready when they are wanted. As many as fit are kept; where not all do, those that were used least lately give way.
 */
export class Gallery {
  /** In the order of their last use. */
  private readonly kept = new Map<number, TrainingImage>();
  private readonly coming = new Map<number, Promise<TrainingImage>>();
  private bytes = 0;

  constructor(
    readonly sizes: readonly Size[],
    private readonly prepare: Prepare,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {}

  static of(images: readonly TrainingImage[]): Gallery {
    return new Gallery(images, (index) => images[index]);
  }

  get count(): number {
    return this.sizes.length;
  }

  /** An image, or a promise of it where it is not at hand. */
  at(index: number): TrainingImage | Promise<TrainingImage> {
    const kept = this.kept.get(index);
    if (!kept) return this.bring(index);
    if (this.maxBytes < Number.POSITIVE_INFINITY) {
      this.kept.delete(index);
      this.kept.set(index, kept);
    }
    return kept;
  }

  /** Begins to make an image ready that will be wanted. */
  expect(index: number): void {
    if (this.kept.has(index)) return;
    // Who wants it is told what went wrong.
    Promise.resolve(this.bring(index)).catch(() => {});
  }

  /** Makes images ready, as far as there is room for them, a few at a time. */
  async ready(indices: Iterable<number>, breath: Breath): Promise<void> {
    const left = [...indices].reverse();
    const work = async (): Promise<void> => {
      for (let index = left.pop(); index !== undefined; index = left.pop()) {
        await this.at(index);
        await breath.breathe();
      }
    };
    await Promise.all(Array.from({ length: atATime }, work));
  }

  /** The images of some numbers as a gallery of their own, over the same memory. */
  choose(indices: readonly number[]): Gallery {
    return new Gallery(
      indices.map((index) => this.sizes[index]),
      (at) => this.at(indices[at]),
      0,
    );
  }

  /** All images at once. */
  async all(breath: Breath): Promise<TrainingImage[]> {
    const images: TrainingImage[] = [];
    for (let index = 0; index < this.count; index++) {
      images.push(await this.at(index));
      await breath.breathe();
    }
    return images;
  }

  private bring(index: number): TrainingImage | Promise<TrainingImage> {
    const known = this.coming.get(index);
    if (known) return known;
    const made = this.prepare(index);
    if (!(made instanceof Promise)) return this.keep(index, made);
    const coming = made
      .then((image) => this.keep(index, image))
      .finally(() => {
        this.coming.delete(index);
      });
    this.coming.set(index, coming);
    return coming;
  }

  private keep(index: number, image: TrainingImage): TrainingImage {
    const bytes = bytesOf(image);
    if (bytes > this.maxBytes) return image;
    this.kept.set(index, image);
    this.bytes += bytes;
    for (const [other, least] of this.kept) {
      if (this.bytes <= this.maxBytes) break;
      this.kept.delete(other);
      this.bytes -= bytesOf(least);
    }
    return image;
  }
}

const bytesOf = ({ data, input }: TrainingImage): number =>
  data.length + (input && input.data !== data ? input.data.length : 0);
