import { Distortion } from "../distortion/distortion.js";
import { multiplierAt } from "../distortion/multiplier.js";
import { scaledWeights, weightsAt } from "../distortion/weights.js";
import type { Steps } from "../ground/steps.js";
import type { Network } from "../models/network.js";
import { addWindowsOnto, canvasOf } from "../models/tiling.js";
import { type Grid, sizeOf } from "../nn/grid.js";
import { type LevelPass, levelPass } from "./level-pass.js";

/** What one optimisation step works on. */
export interface Batch {
  /** Inputs with the analysis margin around them, values -0.5 .. 0.5. */
  readonly canvas: Grid;
  /** The pictures to be reconstructed, values -0.5 .. 0.5. */
  readonly target: Grid;
  /** Quality of each image, -1 .. 1. */
  readonly qualities: readonly number[];
}

/** Means over the batch. */
export interface StepResult {
  readonly loss: number;
  readonly bitsPerPixel: number;
  /** Mean squared error of samples in 0 .. 255. */
  readonly meanSquaredError: number;
  /** Absent where the model is not tuned for it. */
  readonly ssimulacra2?: number;
}

/** Loss weights are divided by the square root of lambda over this, so that all qualities pull equally hard. */
const referenceLambda = 0.009;

/**
 * Forward and backward pass of distortion + bits per pixel, averaged over the batch: the pixels of all levels are added up, and so are their bits.
 * Leaves the gradients in the parameters; everything else it allocates belongs to the caller's scope.
 */
export function* forwardBackward(network: Network, batch: Batch): Steps<StepResult> {
  const { kernels, configuration: c, levels } = network;
  const { target, qualities } = batch;
  const pixels = target.width * target.height;
  const images = target.batch;
  const imageWeights = qualities.map((q) => 1 / (images * Math.sqrt(multiplierAt(c.lambda, q) / referenceLambda)));

  const weights = imageWeights.map((weight) => weight / pixels);
  const passes: LevelPass[] = [];
  for (const level of levels) passes.push(yield* levelPass(level, batch, weights));
  const margin = c.synthesisMargin;
  const prediction = canvasOf(kernels, c, passes[0].windows, margin);
  kernels.call.fill(sizeOf(prediction), 0, prediction.pointer);
  passes.forEach(({ windows }, i) => {
    addWindowsOnto(kernels, levels[i].configuration, windows, margin, prediction);
  });
  const region = { pixels: target, left: margin, top: margin };
  const distortionWeights = qualities.map((q, i) => scaledWeights(weightsAt(c, q), imageWeights[i]));
  yield;
  const distortion = yield* new Distortion(kernels, c, region).judge(prediction, distortionWeights);
  yield;
  for (const { backward } of passes) yield* backward(distortion.gradient);

  const bits = qualities.map((_, i) => passes.reduce((sum, pass) => sum + pass.bits[i], 0));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / images;
  const { costs, squaredErrors, scores } = distortion;
  return {
    loss: costs.reduce((sum, cost, i) => sum + cost + (imageWeights[i] * bits[i]) / pixels, 0),
    bitsPerPixel: mean(bits) / pixels,
    meanSquaredError: mean(squaredErrors),
    ...(scores && { ssimulacra2: mean(scores) }),
  };
}
