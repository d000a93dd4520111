import { IsthmusError } from "../ground/errors.js";
import { type PaceOptions, Pacer } from "../ground/pacer.js";
import { colourChannels, type DecodedImage, hasAlpha, type Image } from "../image/image.js";
import { checkPair } from "../image/psnr.js";
import { loadKernels } from "../kernels/instantiate.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { allocateSums, readSums, scoreOf, weighErrors } from "./error-sums.js";
import { smallestSide } from "./error-weights.js";
import { allocateOpsin, type OpsinPlanes, type Scale, scalesOf, weighedPlanes } from "./planes.js";

/** Rows that are compared at once, an even number; and those above and below that their blurred planes look at. */
const stripRows = 64;
const reach = 5;

/** What alpha is composed over: a medium grey. */
const background = 0.5;

let shared: Promise<Kernels> | undefined;

/** False for a picture that is too small for a score: a side is below 8 pixels. */
export const isScorable = ({ width, height }: Pick<Image, "width" | "height">): boolean =>
  Math.min(width, height) >= smallestSide;

/**
 * SSIMULACRA 2.1 of an image against its original (Sneyers 2023): of the metrics that are computed, the one that agrees best with people. 100: equal;
 * 90: visually lossless; 70: high quality; 50: medium; 30: low; below 0 is possible. Pixels with alpha are seen over grey. Within 0.01 of the
 * formula; the reference program blurs by a recursive filter and differs by up to 0.3. Breathes, and can be given up by `signal`.
 *
 * @throws IsthmusError `invalid-parameter` where width, height or channels differ, or a side is below 8 pixels; `unsupported-engine`; `aborted`
 */
export async function ssimulacra2(original: Image, image: Image, options: PaceOptions = {}): Promise<number> {
  const pair = checkPair(original, image);
  const { width, height } = pair[0];
  if (!isScorable(pair[0])) {
    throw new IsthmusError(
      "invalid-parameter",
      `Expected at least ${smallestSide} x ${smallestSide} pixels for a score but received ${width} x ${height}`,
    );
  }
  shared ??= loadKernels();
  const kernels = await shared.catch((error) => {
    shared = undefined;
    throw error;
  });
  return new ImageComparison(kernels, pair).score(new Pacer(options));
}

/** The planes of linear light of both images at the scale after the finest one and below, in JavaScript's memory: calls may overlap. */
type Light = readonly [Float32Array, Float32Array];

/** One comparison of two images, a strip of rows at a time; between strips nothing of it lies in kernel memory. */
class ImageComparison {
  private readonly channels: 1 | 3;
  private readonly table: Float32Array;

  constructor(
    private readonly kernels: Kernels,
    private readonly pair: readonly [DecodedImage, DecodedImage],
  ) {
    this.channels = colourChannels(pair[0].channels);
    this.table = this.lightOfBytes();
  }

  async score(pacer: Pacer): Promise<number> {
    const { kernels, pair } = this;
    const scales = scalesOf(pair[0].width, pair[0].height);
    let errors = 0;
    let light: Light | undefined;
    let done = 0;
    for (const [s, scale] of scales.entries()) {
      const next = scales[s + 1];
      const halved: Light | undefined = next && [this.planes(next), this.planes(next)];
      const sums = weighedPlanes(scale.weights).map(() => new Float64Array(6));
      const share = 0.75 / 4 ** s;
      for (let first = 0; first < scale.height; first += stripRows) {
        const end = Math.min(scale.height, first + stripRows);
        kernels.memory.scope(() => this.addStrip(scale, first, end, light, halved, sums));
        await pacer.breathe(done + (share * end) / scale.height);
      }
      done += share;
      weighedPlanes(scale.weights).forEach(({ weights }, i) => {
        errors += weighErrors(sums[i], scale.width * scale.height, weights);
      });
      light = halved;
    }
    return scoreOf(kernels, errors).score;
  }

  private planes = ({ width, height }: Scale): Float32Array => new Float32Array(this.channels * width * height);

  /** Adds the errors of rows `first` to `end` - 1, and writes the light of both images at the next scale. */
  private addStrip(
    scale: Scale,
    first: number,
    end: number,
    light: Light | undefined,
    halved: Light | undefined,
    sums: readonly Float64Array[],
  ): void {
    const { kernels, channels } = this;
    const { call, memory } = kernels;
    const { width, height, weights } = scale;
    const top = Math.max(0, first - reach);
    const rows = Math.min(height, end + reach) - top;
    const floats = rows * width;
    const inner = (first - top) * width * 4;
    const [x, y] = ([0, 1] as const).map((which): OpsinPlanes => {
      const linear = light ? this.placeLight(light[which], scale, top, rows) : this.readLight(which, top, rows);
      const opsin = allocateOpsin(kernels, weights, floats);
      call.opsinPlanes(floats, channels, linear, floats, ...opsin);
      if (halved) this.halve(linear, floats, inner, scale, first, end, halved[which]);
      return opsin;
    });
    const work = memory.allocateFloats(width + 32);
    const count = (end - first) * width;
    const blurred = (plane: Pointer): Pointer => {
      const output = memory.allocateFloats(count);
      call.blurRows(rows, width, first - top, end - top, plane, work, output);
      return output;
    };
    weighedPlanes(weights).forEach(({ index }, i) => {
      memory.scope(() => {
        const [squares, products] = [memory.allocateFloats(floats), memory.allocateFloats(floats)];
        call.secondMoments(floats, x[index], y[index], squares, products);
        const means = [x[index], y[index], squares, products].map(blurred) as [Pointer, Pointer, Pointer, Pointer];
        const added = allocateSums(kernels);
        call.addErrors(count, x[index] + inner, y[index] + inner, ...means, added);
        readSums(kernels, added).forEach((sum, m) => {
          sums[i][m] += sum;
        });
      });
    });
  }

  private halve(
    linear: Pointer,
    plane: number,
    inner: number,
    { width, height }: Scale,
    first: number,
    end: number,
    target: Float32Array,
  ): void {
    const { call, memory } = this.kernels;
    const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
    const count = ((end - first + 1) >> 1) * halfWidth;
    const output = memory.allocateFloats(count);
    for (let c = 0; c < this.channels; c++) {
      call.halvePlane(end - first, width, linear + c * plane * 4 + inner, output);
      target.set(memory.f32(output, count), c * halfWidth * halfHeight + (first >> 1) * halfWidth);
    }
  }

  private placeLight(light: Float32Array, { width, height }: Scale, top: number, rows: number): Pointer {
    const { memory } = this.kernels;
    const pointer = memory.allocateFloats(this.channels * rows * width);
    for (let c = 0; c < this.channels; c++) {
      const from = (c * height + top) * width;
      memory.f32(pointer + c * rows * width * 4, rows * width).set(light.subarray(from, from + rows * width));
    }
    return pointer;
  }

  /** The light of rows of an image. */
  private readLight(which: 0 | 1, top: number, rows: number): Pointer {
    const { kernels, channels } = this;
    const { call, memory } = kernels;
    const { data, width, channels: all } = this.pair[which];
    const count = rows * width;
    const pointer = memory.allocateFloats(channels * count);
    const bytes = data.subarray(top * width * all, (top + rows) * width * all);
    if (hasAlpha(all)) {
      const samples = memory.place(composed(bytes, channels));
      call.linearLight(count * channels, samples, samples);
      call.splitChannels(count, channels, samples, count, pointer);
    } else {
      call.lookUpPlanes(count, channels, memory.place(bytes), all, memory.place(this.table), count, pointer);
    }
    return pointer;
  }

  private lightOfBytes(): Float32Array {
    const { call, memory } = this.kernels;
    return memory.scope(() => {
      const pointer = memory.place(Float32Array.from({ length: 256 }, (_, byte) => byte / 255 - 0.5));
      call.linearLight(256, pointer, pointer);
      return memory.f32(pointer, 256).slice();
    });
  }
}

/** Samples -0.5 .. 0.5 of pixels that end with alpha, over the background. */
function composed(bytes: Uint8Array, colours: 1 | 3): Float32Array {
  const samples = new Float32Array((bytes.length / (colours + 1)) * colours);
  for (let pixel = 0, to = 0; pixel < bytes.length; pixel += colours + 1) {
    const alpha = bytes[pixel + colours] / 255;
    for (let c = 0; c < colours; c++) samples[to++] = (bytes[pixel + c] / 255 - background) * alpha + background - 0.5;
  }
  return samples;
}
