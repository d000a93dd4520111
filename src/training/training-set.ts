import type { DecodedImage } from "../image/image.js";
import type { Kernels } from "../kernels/kernels.js";
import type { ModelConfiguration } from "../models/configuration.js";
import { mirroredIndices, type Size } from "../models/tiling.js";
import type { Grid } from "../nn/grid.js";
import type { Random } from "../nn/random.js";
import { Breath } from "./breath.js";
import { Gallery } from "./gallery.js";
import type { Batch } from "./step.js";

/** A picture to learn from. */
export interface TrainingImage extends DecodedImage {
  /** The damaged picture of the same size that it is to be restored from; absent where it is its own input. */
  readonly input?: DecodedImage;
}

/** A crop, and what it is to be restored from. */
interface Sample {
  readonly target: Uint8Array;
  readonly input: Uint8Array;
}

export interface SamplerOptions {
  /** Pictures a batch. */
  readonly batch: number;
  /** Side of the square crops in pixels; ignored by fixed-size models. */
  readonly crop: number;
  /** Mirror half of the crops left to right and transpose a fifth of them. */
  readonly augment: boolean;
  /** Images that crops are drawn from at a time, where there is no room for all: the next ones take their place, one a step. */
  readonly atOnce?: number;
  readonly seed?: number;
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
  readonly size: Size;
  private readonly gallery: Gallery;
  /** Numbers of the images that are drawn from, and sums of their weights. */
  private drawn: Int32Array;
  private cumulative: Float64Array;
  /** In which images take each other's places. */
  private order: Int32Array | undefined;

  constructor(
    private readonly kernels: Kernels,
    private readonly configuration: ModelConfiguration,
    images: Gallery | readonly TrainingImage[],
    private readonly options: SamplerOptions,
    private readonly damage?: CropDamage,
  ) {
    const { crop } = options;
    this.gallery = images instanceof Gallery ? images : Gallery.of(images);
    this.size = configuration.fixedSize ? configuration.patch : { width: crop, height: crop };
    this.drawn = Int32Array.from({ length: this.gallery.count }, (_, i) => i);
    this.cumulative = this.weigh();
    this.turnTo(0);
  }

  /** Lets the images that step `step` draws from take their places. */
  turnTo(step: number): void {
    const { atOnce, seed = 0 } = this.options;
    const { count } = this.gallery;
    if (!atOnce || atOnce >= count) return;
    this.order ??= shuffled(count, seed);
    const at = (place: number): number => this.order![(step + place) % count];
    this.drawn = Int32Array.from({ length: atOnce }, (_, place) => at(place));
    this.cumulative = this.weigh();
    if (step === 0) return;
    // What comes next is decoded while the step goes on.
    this.gallery.expect(at(atOnce));
  }

  /** Makes the images ready that are drawn from. */
  ready(breath: Breath): Promise<void> {
    return this.gallery.ready(this.drawn, breath);
  }

  /** A batch at qualities drawn uniformly from [-1, 1], or at those given. In the caller's scope. */
  async batch(random: Random, qualities?: readonly number[]): Promise<Batch> {
    const { batch } = this.options;
    const drawn = qualities ?? Array.from({ length: batch }, () => 2 * random.uniform() - 1);
    const margin = this.configuration.analysisMargin;
    const samples: Sample[] = [];
    for (let i = 0; i < drawn.length; i++) samples.push(await this.sample(random, this.size, margin));
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
  async crops(random: Random, count: number, size: Size, breath = new Breath()): Promise<Grid> {
    const { memory } = this.kernels;
    const channels = size.width * size.height * this.configuration.channels;
    const rows: Grid = {
      pointer: memory.allocateFloats(count * channels),
      batch: count,
      height: 1,
      width: 1,
      channels,
    };
    for (let row = 0; row < count; row++) {
      const { input } = await this.sample(random, size, 0);
      memory.scope(() => {
        const { pointer } = this.place([input], size, 0, 0);
        memory.copy(pointer, rows.pointer + row * channels * 4, channels * 4);
      });
      await breath.breathe();
    }
    return rows;
  }

  /** Large images hold more to learn from, but not in proportion to their area. */
  private weigh(): Float64Array {
    let sum = 0;
    return Float64Array.from(this.drawn, (index) => {
      const { width, height } = this.gallery.sizes[index];
      sum += Math.sqrt(width * height);
      return sum;
    });
  }

  /** Bytes of a random crop with `margin` more pixels on every side, mirrored at the borders of the image, and of what it is restored from. */
  private async sample(random: Random, size: Size, margin: number): Promise<Sample> {
    const { augment } = this.options;
    const found = this.gallery.at(this.drawn[this.pick(random.uniform())]);
    const image = found instanceof Promise ? await found : found;
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

/** The numbers below `count` in an order of their own for each seed. */
function shuffled(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  // A generator of this size is enough to mix sorted folders (mulberry32).
  let state = seed;
  for (let i = count - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    const j = ((bits ^ (bits >>> 14)) >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
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
