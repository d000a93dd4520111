import { IsthmusError } from "../errors.js";
import { addAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { checkImage, type DecodedImage, hasAlpha, type Image } from "../image/image.js";
import type { Kernels } from "../kernels/kernels.js";
import type { ModelConfiguration } from "../models/configuration.js";
import { mirroredIndices, type Size } from "../models/tiling.js";
import type { Grid } from "../nn/grid.js";
import type { Random } from "../nn/random.js";
import type { Batch } from "./step.js";

/** A picture to learn from. */
export interface TrainingImage extends DecodedImage {
  /** The damaged picture of the same size that it is to be restored from; absent where it is its own input. */
  readonly input?: DecodedImage;
}

/** Brings pictures, and what they are restored from, to the channels that the network sees. */
export function prepareImages(
  images: Iterable<Image>,
  channels: 1 | 3 | 4,
  inputs?: readonly DecodedImage[],
): TrainingImage[] {
  return Array.from(images, (image, i) => {
    const prepared = prepareImage(checkImage(image), channels);
    return inputs ? { ...prepared, input: prepareImage(inputs[i], channels) } : prepared;
  });
}

export function prepareImage(image: DecodedImage, channels: 1 | 3 | 4): DecodedImage {
  if (channels === 4) return addAlpha(image);
  return convertColour(separateAlpha(image).colour, channels);
}

/** Width and height that all images share; throws `invalid-training-set` where they do not. */
export function commonSize(images: readonly Image[]): Size {
  const { width, height } = images[0];
  const other = images.find((image) => image.width !== width || image.height !== height);
  if (other) {
    throw new IsthmusError(
      "invalid-training-set",
      `Expected images of one size for the vector preset but received ${width} x ${height} and ${other.width} x ${other.height}`,
    );
  }
  return { width, height };
}

/** Throws `invalid-training-set` where nothing varies: all pictures are the same where they have one size, or all pixels where they may have any. */
export function checkVariance(images: readonly Image[], oneSize: boolean): void {
  const [{ data: first, channels = 4 }] = images;
  const period = oneSize ? first.length : channels;
  const varies = images.some(({ data }) => data.some((sample, i) => sample !== first[i % period]));
  if (varies) return;
  throw new IsthmusError(
    "invalid-training-set",
    oneSize
      ? "Expected images that differ for training but received copies of one: their variance is 0"
      : "Expected images with something to see for training but received a single flat colour: their variance is 0",
  );
}

/**
 * The fewest channels that hold every image: 1, 3 or 4 (with alpha for the vector preset only). Grey is told by the pixels: files of
 * grey pictures often hold three equal channels.
 */
export function commonChannels(images: readonly Image[], keepAlpha: boolean): 1 | 3 | 4 {
  const channels = images.map((image) => image.channels ?? 4);
  if (keepAlpha && channels.some(hasAlpha)) return 4;
  return images.every((image) => isGrey(separateAlpha(checkImage(image)).colour)) ? 1 : 3;
}

export interface SamplerOptions {
  /** Pictures a batch. */
  readonly batch: number;
  /** Side of the square crops in pixels; ignored by fixed-size models. */
  readonly crop: number;
  /** Mirror half of the crops left to right and transpose a fifth of them. */
  readonly augment: boolean;
}

/** What a crop of a picture becomes before it is shown to a network that shall restore it. */
export type CropDamage = (crop: DecodedImage, random: Random) => DecodedImage;

/**
 * Share of the crops that are shown as if they were whole pictures, mirrored at their own borders: crops of large photos would hardly ever have any, and
 * borders would come out worse than the inside.
 */
const wholeShare = 0.5;

/** Draws batches of random crops at random qualities. */
export class Sampler {
  private readonly cumulative: Float64Array;
  readonly size: Size;

  constructor(
    private readonly kernels: Kernels,
    private readonly configuration: ModelConfiguration,
    private readonly images: readonly TrainingImage[],
    private readonly options: SamplerOptions,
    private readonly damage?: CropDamage,
  ) {
    const { crop } = options;
    this.size = configuration.fixedSize ? configuration.patch : { width: crop, height: crop };
    // Large images hold more to learn from, but not in proportion to their area.
    let sum = 0;
    this.cumulative = Float64Array.from(images, ({ width, height }) => {
      sum += Math.sqrt(width * height);
      return sum;
    });
  }

  /** A batch at qualities drawn uniformly from [-1, 1], or at those given. In the caller's scope. */
  batch(random: Random, qualities?: readonly number[]): Batch {
    const { batch } = this.options;
    const drawn = qualities ?? Array.from({ length: batch }, () => 2 * random.uniform() - 1);
    const margin = this.configuration.analysisMargin;
    const samples = drawn.map(() => this.sample(random, this.size, margin));
    const targets = samples.map(({ target }) => target);
    const inputs = samples.map(({ input }) => input);
    const target = this.place(targets, this.size, margin, 0);
    const isTarget = margin === 0 && inputs.every((input, i) => input === targets[i]);
    return {
      target,
      canvas: isTarget ? target : this.place(inputs, this.size, margin, margin),
      qualities: drawn,
    };
  }

  /** `count` crops of any size as the rows of a matrix, values -0.5 .. 0.5. In the caller's scope. */
  crops(random: Random, count: number, size: Size): Grid {
    const samples = Array.from({ length: count }, () => this.sample(random, size, 0).input);
    const rows = this.place(samples, size, 0, 0);
    return { ...rows, height: 1, width: 1, channels: size.width * size.height * this.configuration.channels };
  }

  /** Bytes of a random crop with `margin` more pixels on every side, mirrored at the borders of the image, and of what it is restored from. */
  private sample(random: Random, size: Size, margin: number): { target: Uint8Array; input: Uint8Array } {
    const { augment } = this.options;
    const image = this.images[this.pick(random.uniform())];
    const transpose = augment && size.width === size.height && random.uniform() < 0.2;
    const isWhole = augment && random.uniform() < wholeShare;
    const columns = this.window(random, image.width, size.width, margin, isWhole);
    const rows = this.window(random, image.height, size.height, margin, isWhole);
    if (augment && random.uniform() < 0.5) columns.reverse();
    const target = crop(image, rows, columns, transpose);
    if (image.input) return { target, input: crop(image.input, rows, columns, transpose) };
    if (!this.damage) return { target, input: target };
    const shown = { width: columns.length, height: rows.length, channels: image.channels };
    return { target, input: this.damage({ data: target, ...shown }, random).data };
  }

  private window(random: Random, available: number, wanted: number, margin: number, isWhole: boolean): Int32Array {
    const start = random.integer(Math.max(1, available - wanted + 1));
    if (isWhole && wanted <= available)
      return mirroredIndices(-margin, wanted + 2 * margin, wanted).map((i) => start + i);
    return mirroredIndices(start - margin, wanted + 2 * margin, available);
  }

  private pick(uniform: number): number {
    const at = uniform * this.cumulative[this.cumulative.length - 1];
    let low = 0;
    let high = this.cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulative[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Samples with `have` pixels of margin as a batch of float canvases with `want` of them. */
  private place(samples: readonly Uint8Array[], size: Size, have: number, want: number): Grid {
    const { memory, call } = this.kernels;
    const { channels } = this.configuration;
    const width = size.width + 2 * want;
    const height = size.height + 2 * want;
    const stride = (size.width + 2 * have) * channels;
    const floats = width * height * channels;
    const canvas: Grid = {
      pointer: memory.allocateFloats(samples.length * floats),
      batch: samples.length,
      height,
      width,
      channels,
    };
    const indices = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i + have - want);
    memory.scope(() => {
      const rows = memory.place(indices(height));
      const columns = memory.place(indices(width));
      const pixels = memory.allocate(samples[0]?.length ?? 0);
      samples.forEach((sample, i) => {
        memory.u8(pixels, sample.length).set(sample);
        const to = canvas.pointer + i * floats * 4;
        call.readPixels(height, width, channels, pixels, stride, channels, rows, columns, 1 / 255, -0.5, to);
      });
    });
    return canvas;
  }
}

function crop(image: DecodedImage, rows: Int32Array, columns: Int32Array, transpose: boolean): Uint8Array {
  const { data, width, channels } = image;
  const [outer, inner] = transpose ? [columns, rows] : [rows, columns];
  const [outerStep, innerStep] = transpose ? [channels, width * channels] : [width * channels, channels];
  const result = new Uint8Array(rows.length * columns.length * channels);
  let to = 0;
  for (const o of outer) {
    const start = o * outerStep;
    for (const i of inner) {
      const from = start + i * innerStep;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c];
    }
  }
  return result;
}
