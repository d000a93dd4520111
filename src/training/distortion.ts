import type { Network } from "../models/network.js";
import { type Grid, gridLike, sizeOf } from "../nn/grid.js";

/** How far predicted pictures are from their targets: one number an image, sums over its samples. */
export interface Distortion {
  /** What is minimised. */
  readonly costs: readonly number[];
  /** Of samples in 0 .. 1. */
  readonly squaredErrors: readonly number[];
  /** Of the weighted costs, by the predicted canvas. */
  readonly gradient: Grid;
}

/** The cost of a prediction is its squared error, or half its cross-entropy, which is as steep around a medium grey. */
const crossEntropyWeight = 0.5;

/** `prediction`: what the synthesis transform gave. `target`: values -0.5 .. 0.5. `weights`: of the images. */
export function distortionOf(network: Network, prediction: Grid, target: Grid, weights: readonly number[]): Distortion {
  const measure = network.configuration.likelihood === "bernoulli" ? crossEntropy : squaredError;
  return measure(network, prediction, target, weights);
}

/** Squared error of the part of each predicted canvas that lies over the picture; its gradient is zero elsewhere. */
function squaredError(
  { kernels, configuration: c }: Network,
  prediction: Grid,
  target: Grid,
  weights: readonly number[],
): Distortion {
  const { call, memory } = kernels;
  const gradient = gridLike(kernels, prediction);
  call.fill(sizeOf(gradient), 0, gradient.pointer);
  const total = memory.allocate(8);
  const rowSamples = target.width * c.channels;
  const errors = weights.map((weight, image) => {
    memory.f64(total, 1)[0] = 0;
    for (let y = 0; y < target.height; y++) {
      const from = (image * target.height + y) * rowSamples * 4;
      const row = (image * prediction.height + y + c.synthesisMargin) * prediction.width + c.synthesisMargin;
      const at = row * c.channels * 4;
      call.squaredError(
        rowSamples,
        prediction.pointer + at,
        target.pointer + from,
        weight,
        gradient.pointer + at,
        total,
      );
    }
    return memory.f64(total, 1)[0] / weight;
  });
  return { costs: errors, squaredErrors: errors, gradient };
}

/** Binary cross-entropy of logits. Models of this likelihood have no margins. */
function crossEntropy({ kernels }: Network, logits: Grid, target: Grid, weights: readonly number[]): Distortion {
  const { call, memory } = kernels;
  const gradient = gridLike(kernels, logits);
  const wanted = gridLike(kernels, target);
  call.fill(sizeOf(target), 0.5, wanted.pointer);
  call.add(sizeOf(target), target.pointer, wanted.pointer, wanted.pointer);
  const samples = sizeOf(target) / target.batch;
  const total = memory.allocate(8);
  const results = weights.map((weight, image) => {
    const at = image * samples * 4;
    const factor = crossEntropyWeight * weight;
    memory.f64(total, 1)[0] = 0;
    call.binaryCrossEntropy(samples, logits.pointer + at, wanted.pointer + at, factor, gradient.pointer + at, total);
    const cost = memory.f64(total, 1)[0] / weight;
    // The gradient by a logit is the difference of the samples.
    call.sumOfSquares(samples, gradient.pointer + at, total);
    return { cost, squaredError: memory.f64(total, 1)[0] / factor ** 2 };
  });
  return {
    costs: results.map(({ cost }) => cost),
    squaredErrors: results.map(({ squaredError }) => squaredError),
    gradient,
  };
}
