import { sigmoid } from "./vectormath.js";

/** The plain twin of assembly/loss.ts: the loss of one element and its derivative by the first argument. */
export interface Loss {
  value(prediction: number, target: number): number;
  slope(prediction: number, target: number): number;
}

export const squaredError: Loss = {
  value: (prediction, target) => (prediction - target) ** 2,
  slope: (prediction, target) => 2 * (prediction - target),
};

export const binaryCrossEntropy: Loss = {
  value: (logit, target) => Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit))),
  slope: (logit, target) => sigmoid(logit) - target,
};

/** The sums of blocks of side x side pixels, as a grid without gaps, and for each sample of the picture the index of its block's sum. */
export function blockSums(
  samples: ArrayLike<number>,
  { width, height, channels, line, side }: Record<"width" | "height" | "channels" | "line" | "side", number>,
): { sums: number[]; blockOf: Map<number, number> } {
  const across = Math.ceil(width / side);
  const sums = new Array(across * Math.ceil(height / side) * channels).fill(0);
  const blockOf = new Map<number, number>();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * channels; x++) {
      const column = Math.floor(Math.floor(x / channels) / side);
      const block = (Math.floor(y / side) * across + column) * channels + (x % channels);
      blockOf.set(y * line + x, block);
      sums[block] += samples[y * line + x];
    }
  }
  return { sums, blockOf };
}
