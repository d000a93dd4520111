import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import type { Distribution } from "./prior.js";

/** These few numbers may move faster than weights do. */
const learningRateMultiplier = 3;

/**
 * Moves symbols from the middle of their quantization bin to where the latent is to be expected in it: both ends know the distribution
 * that a symbol was coded with, and its mean within the bin (the bin's centroid) is the better reconstruction (Max 1960, "Quantizing for
 * minimum distortion", equation 4). A learned share of the way is taken in each channel; training starts at all of it. No gradient goes
 * through the distribution: the bits alone shape it.
 */
export class Centroids {
  readonly share: Parameter;
  /** How far the last forward pass would have moved each symbol. */
  offsets: Grid | undefined;

  constructor(
    readonly parameters: Parameters,
    channels: number,
  ) {
    this.share = parameters.declare("centroids.share", [channels], learningRateMultiplier);
  }

  /** The share of every channel, for a receiver's walk. */
  get shares(): Pointer {
    return this.share.value;
  }
}

export function initializeCentroids({ parameters, share }: Centroids): void {
  parameters.write(share, new Float32Array(share.count).fill(1));
}

export const centroidsPasses = {
  /** `symbols`: integers as floats; the distribution is that of each of them, in quantization steps. */
  forward(centroids: Centroids, symbols: Grid, { mean, logScale }: Distribution): Grid {
    const { parameters, share } = centroids;
    const { kernels } = parameters;
    const { call } = kernels;
    const offsets = gridLike(kernels, symbols);
    centroids.offsets = offsets;
    const output = gridLike(kernels, symbols);
    call.centroids(sizeOf(symbols), symbols.pointer, mean.pointer, logScale.pointer, offsets.pointer);
    call.scaleColumns(rowsOf(symbols), symbols.channels, offsets.pointer, share.value, output.pointer);
    call.add(sizeOf(symbols), symbols.pointer, output.pointer, output.pointer);
    return output;
  },

  /** The gradient by the symbols, which is that by the result: rounding is passed straight through. */
  backward({ parameters, share, offsets }: Centroids, gradient: Grid): Grid {
    const { call } = parameters.kernels;
    if (!offsets) throw new Error("backward before forward");
    const { pointer, channels } = gradient;
    call.sumColumnProducts(rowsOf(gradient), channels, pointer, offsets.pointer, share.gradient, 1);
    return gradient;
  },
};
