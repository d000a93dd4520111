import { Distortion } from "../distortion/distortion.js";
import { multiplierAt } from "../distortion/multiplier.js";
import { scaledWeights, weightsAt } from "../distortion/weights.js";
import { centroidsPass } from "../models/centroids.js";
import { gainsPass } from "../models/gains.js";
import type { Network } from "../models/network.js";
import { rateOf } from "../models/rate.js";
import { addWindows, gatherWindows, gridSize } from "../models/tiling.js";
import { transformPass } from "../models/transform.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Random } from "../nn/random.js";

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
 * Forward and backward pass of distortion + bits per pixel, averaged over the batch. The rate sees latents with uniform noise
 * (Balle et al. 2017, section 3), the synthesis sees rounded ones with a straight-through gradient (Minnen & Singh 2020, section 3).
 * Leaves the gradients in the parameters; everything else it allocates belongs to the caller's scope.
 */
export function forwardBackward(network: Network, batch: Batch, random: Random): StepResult {
  const { kernels, configuration: c, analysis, gain, inverseGain, centroids, synthesis, prior } = network;
  if (!analysis || !gain) throw new Error("A receiver's network cannot be trained");
  const { call } = kernels;
  const { target, qualities } = batch;
  const pixels = target.width * target.height;
  const images = target.batch;
  const imageWeights = qualities.map((q) => 1 / (images * Math.sqrt(multiplierAt(c.lambda, q) / referenceLambda)));

  const windows = gatherWindows(kernels, c, batch.canvas, gridSize(c, target), c.analysisMargin);
  const analysed = transformPass(analysis, windows);
  const gained = gainsPass(gain, analysed.output, qualities);
  const latents = gained.output;
  const rounded = gridLike(kernels, latents);
  call.roundNearest(sizeOf(latents), latents.pointer, rounded.pointer);
  const noisy = addUniformNoise(network, latents, random);
  const weights = imageWeights.map((weight) => weight / pixels);
  const dequantized = gainsPass(inverseGain, rounded, qualities);
  const rate = rateOf(prior, { values: noisy, dequantized: dequantized.output, qualities, weights });
  const gradientLatents = rate.gradient;
  const addGradient = ({ pointer }: Grid): void =>
    call.add(sizeOf(latents), gradientLatents.pointer, pointer, gradientLatents.pointer);
  if (rate.contextGradient) addGradient(dequantized.backward(rate.contextGradient));

  const moved = centroids && rate.distribution && centroidsPass(centroids, rounded, rate.distribution);
  const reconstructed = gainsPass(inverseGain, moved?.output ?? rounded, qualities);
  const picture = transformPass(synthesis, reconstructed.output);
  const prediction = addWindows(kernels, c, picture.output, c.synthesisMargin);
  const region = { pixels: target, left: c.synthesisMargin, top: c.synthesisMargin };
  const distortionWeights = qualities.map((q, i) => scaledWeights(weightsAt(c, q), imageWeights[i]));
  const distortion = new Distortion(kernels, c, region).judge(prediction, distortionWeights);
  const gradientWindows = gatherWindows(kernels, c, distortion.gradient, latents, c.synthesisMargin);
  const gradientMoved = reconstructed.backward(picture.backward(gradientWindows));
  addGradient(moved ? moved.backward(gradientMoved) : gradientMoved);
  analysed.backward(gained.backward(gradientLatents), true);

  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / images;
  const { costs, squaredErrors, scores } = distortion;
  return {
    loss: costs.reduce((sum, cost, i) => sum + cost + (imageWeights[i] * rate.bits[i]) / pixels, 0),
    bitsPerPixel: mean(rate.bits) / pixels,
    meanSquaredError: mean(squaredErrors),
    ...(scores && { ssimulacra2: mean(scores) }),
  };
}

/** Adds noise uniform in [-1/2, 1/2). */
function addUniformNoise({ kernels }: Network, latents: Grid, random: Random): Grid {
  const noisy = gridLike(kernels, latents);
  const count = rowsOf(latents) * latents.channels;
  const half = kernels.memory.allocateFloats(count);
  random.fillUniform(count, noisy.pointer);
  kernels.call.fill(count, -0.5, half);
  kernels.call.add(count, noisy.pointer, half, noisy.pointer);
  kernels.call.add(count, noisy.pointer, latents.pointer, noisy.pointer);
  return noisy;
}
