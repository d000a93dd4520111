import type { Steps } from "../ground/steps.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Grid, sizeOf } from "../nn/grid.js";
import { allocateSums, readSums, scoreOf, slopeFactors, weighErrors } from "./error-sums.js";
import { allocateOpsin, type OpsinPlanes, type Scale, scalesOf, weighedPlanes } from "./planes.js";

/** The rows of a picture as floats -0.5 .. 0.5, interleaved, each `stride` floats after the one before. */
export interface FloatRows {
  readonly pointer: Pointer;
  readonly stride: number;
}

/** What is known of the original at one scale. */
interface OriginalScale {
  readonly opsin: OpsinPlanes;
  /** The blurred opsin planes, 0 where a plane weighs nothing. */
  readonly means: readonly Pointer[];
}

/**
 * SSIMULACRA 2 of pictures against one original, with the gradient by their samples. Lives in the caller's part of the arena and holds about 20
 * floats a pixel there; an evaluation takes 60 more while it runs.
 */
export class MetricComparison {
  private readonly scales: readonly Scale[];
  private readonly originals: readonly OriginalScale[];
  private readonly work: Pointer;

  /** `original`: one picture, values -0.5 .. 0.5, of 1 or 3 channels; a side below 8 pixels leaves nothing to compare. */
  constructor(
    private readonly kernels: Kernels,
    private readonly original: Grid,
  ) {
    const { width, height, channels } = original;
    const { memory } = kernels;
    this.scales = scalesOf(width, height);
    this.work = memory.allocateFloats(width + 32);
    const originals = this.scales.map(({ weights, ...size }): OriginalScale => {
      const floats = size.width * size.height;
      const weighed = weighedPlanes(weights).map(({ index }) => index);
      return {
        opsin: allocateOpsin(kernels, weights, floats),
        means: [0, 1, 2].map((index) => (weighed.includes(index) ? memory.allocateFloats(floats) : 0)),
      };
    });
    memory.scope(() => {
      const pyramid = this.pyramid({ pointer: original.pointer, stride: width * channels });
      this.scales.forEach((scale, s) => {
        const { opsin, means } = originals[s];
        this.opsin(scale, pyramid[s], opsin);
        for (const { index } of weighedPlanes(scale.weights)) this.blur(scale, opsin[index], means[index]);
      });
    });
    this.originals = originals;
  }

  /** False where the picture is so small that no scale is left. */
  get isPossible(): boolean {
    return this.scales.length > 0;
  }

  *score(rows: FloatRows): Steps<number> {
    const { memory } = this.kernels;
    const mark = memory.mark();
    const { score } = yield* this.errors(rows);
    memory.release(mark);
    return score;
  }

  /**
   * The score of a picture. Adds `weight` times its gradient to `gradient`, which lies as the rows do. Samples beyond 0 .. 1 count as these, and have
   * no gradient.
   */
  *differentiate(rows: FloatRows, weight: number, gradient: FloatRows): Steps<number> {
    const { kernels, original, scales } = this;
    const { call, memory } = kernels;
    const { width, height, channels } = original;
    const mark = memory.mark();
    const gradients = scales.map((scale) => {
      const floats = scale.width * scale.height * channels;
      const pointer = memory.allocateFloats(floats);
      call.fill(floats, 0, pointer);
      return pointer;
    });
    const { score, slope } = yield* this.errors(rows, gradients);
    if (slope !== 0) {
      for (let s = scales.length - 1; s > 0; s--) {
        const fine = scales[s - 1];
        for (let c = 0; c < channels; c++) {
          const from = gradients[s] + c * scales[s].width * scales[s].height * 4;
          const to = gradients[s - 1] + c * fine.width * fine.height * 4;
          call.halvePlaneGradient(fine.height, fine.width, from, to);
        }
      }
      const joined = memory.allocateFloats(sizeOf(original));
      call.joinChannels(width * height, channels, width * height, gradients[0], joined);
      for (let y = 0; y < height; y++) {
        call.linearLightGradient(
          width * channels,
          rows.pointer + y * rows.stride * 4,
          joined + y * width * channels * 4,
          weight * slope,
          gradient.pointer + y * gradient.stride * 4,
        );
      }
    }
    memory.release(mark);
    return score;
  }

  /** The score of a picture, and the gradients of its errors by the linear light of each scale where there is room for them. */
  private *errors(rows: FloatRows, gradients?: readonly Pointer[]): Steps<{ score: number; slope: number }> {
    const { kernels, scales, original } = this;
    const { call, memory } = kernels;
    const pyramid = this.pyramid(rows);
    let total = 0;
    for (const [s, scale] of scales.entries()) {
      const mark = memory.mark();
      const { width, height, weights } = scale;
      const pixels = width * height;
      const opsin = allocateOpsin(kernels, weights, pixels);
      this.opsin(scale, pyramid[s], opsin);
      const slopes = gradients && allocateOpsin(kernels, weights, pixels);
      for (const { index, weights: own } of weighedPlanes(weights)) {
        yield;
        total += memory.scope(() => this.planeErrors(scale, own, this.originals[s], opsin, index, slopes?.[index]));
      }
      if (gradients && slopes) {
        call.opsinPlanesGradient(pixels, original.channels, pyramid[s], pixels, ...opsin, ...slopes, gradients[s]);
      }
      memory.release(mark);
    }
    return scoreOf(kernels, total);
  }

  /** The weighted errors of one opsin plane; their slopes by its values are written to `slopes`, where wanted. */
  private planeErrors(
    scale: Scale,
    weights: Parameters<typeof weighErrors>[2],
    original: OriginalScale,
    opsin: OpsinPlanes,
    index: number,
    slopes: Pointer | undefined,
  ): number {
    const { call, memory } = this.kernels;
    const pixels = scale.width * scale.height;
    const [x, y, meanX] = [original.opsin[index], opsin[index], original.means[index]];
    const plane = memory.allocateFloats(pixels);
    const [meanY, squares, products] = [0, 0, 0].map(() => memory.allocateFloats(pixels));
    this.blur(scale, y, meanY);
    // `plane` and `products` first hold the moments, then what they are blurred to.
    call.secondMoments(pixels, x, y, plane, products);
    this.blur(scale, plane, squares);
    this.blur(scale, products, plane);
    const sums = allocateSums(this.kernels);
    call.addErrors(pixels, x, y, meanX, meanY, squares, plane, sums);
    const all = readSums(this.kernels, sums);
    if (slopes !== undefined) {
      const factors = memory.place(slopeFactors(all, pixels, weights));
      call.errorSlopes(pixels, x, y, meanX, meanY, squares, plane, factors, slopes);
      this.blur(scale, plane, products);
      this.blur(scale, squares, plane);
      this.blur(scale, meanY, squares);
      call.joinSlopes(pixels, x, y, squares, plane, products, slopes);
    }
    return weighErrors(all, pixels, weights);
  }

  /** The planes of linear light at every scale. */
  private pyramid(rows: FloatRows): Pointer[] {
    const { kernels, original, scales } = this;
    const { call, memory } = kernels;
    const { width, height, channels } = original;
    if (scales.length === 0) return [];
    const planes = scales.map((scale) => memory.allocateFloats(scale.width * scale.height * channels));
    const line = memory.allocateFloats(width * channels);
    for (let y = 0; y < height; y++) {
      call.linearLight(width * channels, rows.pointer + y * rows.stride * 4, line);
      call.splitChannels(width, channels, line, width * height, planes[0] + y * width * 4);
    }
    for (let s = 1; s < scales.length; s++) {
      const fine = scales[s - 1];
      for (let c = 0; c < channels; c++) {
        const from = planes[s - 1] + c * fine.width * fine.height * 4;
        const to = planes[s] + c * scales[s].width * scales[s].height * 4;
        call.halvePlane(fine.height, fine.width, from, to);
      }
    }
    return planes;
  }

  private opsin({ width, height }: Scale, linear: Pointer, opsin: OpsinPlanes): void {
    const pixels = width * height;
    this.kernels.call.opsinPlanes(pixels, this.original.channels, linear, pixels, ...opsin);
  }

  private blur({ width, height }: Scale, from: Pointer, to: Pointer): void {
    this.kernels.call.blurRows(height, width, 0, height, from, this.work, to);
  }
}
