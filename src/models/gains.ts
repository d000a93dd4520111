import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike } from "../nn/grid.js";
import type { Parameter, Parameters } from "../nn/parameters.js";

/** These few numbers may move faster than weights do. */
const learningRateMultiplier = 3;

/**
 * Per-channel gains as a log-linear function of quality: gain = exp(offset + q * slope), q in [-1, 1]. Before rounding they
 * set the quantization step of each latent channel (one over the gain); this is what makes one model serve all qualities
 * (Cui et al. 2021, "Asymmetric Gained Deep Image Compression", section 3).
 */
export class Gains {
  readonly offset: Parameter;
  readonly slope: Parameter;
  private output: Grid | undefined;
  private qualities: readonly number[] = [];

  constructor(
    private readonly parameters: Parameters,
    name: string,
    readonly channels: number,
  ) {
    this.offset = parameters.declare(`${name}.offset`, [channels], learningRateMultiplier);
    this.slope = parameters.declare(`${name}.slope`, [channels], learningRateMultiplier);
  }

  initialize(offset: number, slope: number): void {
    this.parameters.write(this.offset, new Float32Array(this.channels).fill(offset));
    this.parameters.write(this.slope, new Float32Array(this.channels).fill(slope));
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

  /** Adds `factor` times a gradient by the log gains at quality q (one float a channel, in kernel memory) to the parameters' gradients. */
  addLogGradient(q: number, factor: number, gradient: Pointer): void {
    const { call } = this.parameters.kernels;
    call.addScaled(this.channels, factor, gradient, this.offset.gradient);
    call.addScaled(this.channels, factor * q, gradient, this.slope.gradient);
  }

  /** Scales each image of the batch by the gains of its own quality. */
  forward(input: Grid, qualities: readonly number[]): Grid {
    const output = gridLike(this.parameters.kernels, input);
    this.scale(input, qualities, output);
    this.output = output;
    this.qualities = qualities;
    return output;
  }

  backward(gradient: Grid): Grid {
    const { kernels } = this.parameters;
    const { output, qualities, channels } = this;
    if (!output) throw new Error("backward before forward");
    const rows = gradient.height * gradient.width;
    const sums = kernels.memory.allocateFloats(channels);
    qualities.forEach((q, image) => {
      const start = image * rows * channels * 4;
      kernels.call.sumColumnProducts(rows, channels, gradient.pointer + start, output.pointer + start, sums, 0);
      this.addLogGradient(q, 1, sums);
    });
    const result = gridLike(kernels, gradient);
    this.scale(gradient, qualities, result);
    return result;
  }

  private scale(input: Grid, qualities: readonly number[], output: Grid): void {
    const rows = input.height * input.width;
    qualities.forEach((q, image) => {
      const start = image * rows * this.channels * 4;
      const { call } = this.parameters.kernels;
      call.scaleColumns(rows, this.channels, input.pointer + start, this.row(q), output.pointer + start);
    });
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
