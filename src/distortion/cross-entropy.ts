import type { Kernels } from "../kernels/kernels.js";
import { type Grid, sizeOf } from "../nn/grid.js";
import { sumOf } from "./region.js";

/** The cost of logits is half their cross-entropy, which is as steep around a medium grey as the squared error of samples. */
const share = 0.5;

/** Costs and squared errors of logits, summed over the samples of each image. Canvases are pictures here: these models have no margins. */
export function crossEntropies(
  { call, memory }: Kernels,
  logits: Grid,
  target: Grid,
  factors: readonly number[],
  gradient: Grid,
): { costs: number[]; squaredErrors: number[] } {
  const wanted = memory.allocateFloats(sizeOf(target));
  call.fill(sizeOf(target), 0.5, wanted);
  call.add(sizeOf(target), target.pointer, wanted, wanted);
  const samples = sizeOf(target) / target.batch;
  const kernels = { call, memory };
  const at = (image: number): number => image * samples * 4;
  return {
    costs: factors.map((factor, image) => {
      const [z, t, g] = [logits.pointer, wanted, gradient.pointer].map((pointer) => pointer + at(image));
      const weight = share * factor;
      return sumOf(kernels, (total) => call.binaryCrossEntropy(samples, z, t, weight, g, total)) / factor;
    }),
    // The gradient by a logit is the difference of the samples.
    squaredErrors: factors.map(
      (factor, image) =>
        sumOf(kernels, (total) => call.sumOfSquares(samples, gradient.pointer + at(image), total)) /
        (share * factor) ** 2,
    ),
  };
}
