import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike } from "../nn/grid.js";
import type { Pass } from "../nn/layer.js";
import { type Parameter, type Parameters, type Placed, trained } from "../nn/parameters.js";

/** These few numbers may move faster than weights do. */
const learningRateMultiplier = 3;

export type GainParts = ReturnType<typeof gainParts>;

export const gainParts = (channels: number) => ({
  offset: trained([channels], learningRateMultiplier),
  slope: trained([channels], learningRateMultiplier),
});

/**
 * Per-channel gains as a log-linear function of quality: gain = exp(offset + q * slope), q in [-1, 1]. Before rounding they
 * set the quantization step of each latent channel (one over the gain); this is what makes one model serve all qualities
 * (Cui et al. 2021, "Asymmetric Gained Deep Image Compression", section 3).
 */
export class Gains {
  readonly offset: Parameter;
  readonly slope: Parameter;
  readonly channels: number;

  constructor(
    readonly parameters: Parameters,
    { offset, slope }: Placed<GainParts>,
  ) {
    this.offset = offset;
    this.slope = slope;
    this.channels = offset.count;
  }

  /** The gains at quality q, one a channel, in kernel memory. */
  row(q: number): Pointer {
    const { kernels } = this.parameters;
    const row = kernels.memory.place(this.logRow(q));
    kernels.call.exponential(this.channels, row, row);
    return row;
  }

  /** Logarithms of the gains at quality q. */
  logRow(q: number): Float32Array<ArrayBuffer> {
    return logLinear(this.parameters, this.offset, this.slope, q);
  }
}

/** offset + q * slope in 32-bit steps, each rounded: the same bits everywhere. */
export function logLinear(
  parameters: Parameters,
  offset: Parameter,
  slope: Parameter,
  q: number,
): Float32Array<ArrayBuffer> {
  const factor = Math.fround(q);
  const slopes = parameters.read(slope);
  return parameters.read(offset).map((value, c) => value + Math.fround(factor * slopes[c]));
}

export function initializeGains(gains: Gains, offset: number, slope: number): void {
  const { parameters, channels } = gains;
  parameters.write(gains.offset, new Float32Array(channels).fill(offset));
  parameters.write(gains.slope, new Float32Array(channels).fill(slope));
}

/** Scales each image of the batch by the gains of its own quality. */
export function gainsPass(gains: Gains, input: Grid, qualities: readonly number[]): Pass {
  const { call, memory } = gains.parameters.kernels;
  const { channels } = gains;
  const output = scaleImages(gains, input, qualities);
  return {
    output,
    backward(gradient) {
      const rows = gradient.height * gradient.width;
      const sums = memory.allocateFloats(channels);
      qualities.forEach((q, image) => {
        const start = image * rows * channels * 4;
        call.sumColumnProducts(rows, channels, gradient.pointer + start, output.pointer + start, sums, 0);
        addLogGradient(gains, q, 1, sums);
      });
      return scaleImages(gains, gradient, qualities);
    },
  };
}

/** Adds `factor` times a gradient by the log gains at quality q (one float a channel, in kernel memory) to the parameters' gradients. */
export function addLogGradient(gains: Gains, q: number, factor: number, gradient: Pointer): void {
  const { parameters, channels, offset, slope } = gains;
  const { call } = parameters.kernels;
  call.addScaled(channels, factor, gradient, offset.gradient);
  call.addScaled(channels, factor * q, gradient, slope.gradient);
}

function scaleImages(gains: Gains, input: Grid, qualities: readonly number[]): Grid {
  const { channels, parameters } = gains;
  const { kernels } = parameters;
  const output = gridLike(kernels, input);
  const rows = input.height * input.width;
  qualities.forEach((q, image) => {
    const start = image * rows * channels * 4;
    kernels.call.scaleColumns(rows, channels, input.pointer + start, gains.row(q), output.pointer + start);
  });
  return output;
}
