import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Pass } from "../nn/layer.js";
import { type Parameter, type Parameters, type Placed, trained } from "../nn/parameters.js";
import type { Distribution } from "./prior.js";

/** These few numbers may move faster than weights do. */
const learningRateMultiplier = 3;

export type CentroidParts = ReturnType<typeof centroidParts>;

export const centroidParts = (channels: number) => ({
  share: trained([channels], learningRateMultiplier),
});

/**
 * Moves symbols from the middle of their quantization bin to where the latent is to be expected in it: both ends know the distribution
 * that a symbol was coded with, and its mean within the bin (the bin's centroid) is the better reconstruction (Max 1960, "Quantizing for
 * minimum distortion", equation 4). A learned share of the way is taken in each channel; training starts at all of it. No gradient goes
 * through the distribution: the bits alone shape it.
 */
export class Centroids {
  readonly share: Parameter;

  constructor(
    readonly parameters: Parameters,
    { share }: Placed<CentroidParts>,
  ) {
    this.share = share;
  }
}

export function initializeCentroids({ parameters, share }: Centroids): void {
  parameters.write(share, new Float32Array(share.count).fill(1));
}

/** `symbols`: integers as floats; the distribution is that of each of them, in quantization steps. */
export function centroidsPass({ parameters, share }: Centroids, symbols: Grid, { mean, logScale }: Distribution): Pass {
  const { kernels } = parameters;
  const { call } = kernels;
  const { channels } = symbols;
  const offsets = gridLike(kernels, symbols);
  const output = gridLike(kernels, symbols);
  call.centroids(sizeOf(symbols), symbols.pointer, mean.pointer, logScale.pointer, offsets.pointer);
  call.scaleColumns(rowsOf(symbols), channels, offsets.pointer, share.value, output.pointer);
  call.add(sizeOf(symbols), symbols.pointer, output.pointer, output.pointer);
  return {
    output,
    /** The gradient by the symbols is that by the result: rounding is passed straight through. */
    backward(gradient) {
      call.sumColumnProducts(rowsOf(gradient), channels, gradient.pointer, offsets.pointer, share.gradient, 1);
      return gradient;
    },
  };
}
