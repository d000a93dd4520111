import { Distortion } from "../distortion/distortion.js";
import type { Steps } from "../ground/steps.js";
import type { Network } from "../models/network.js";
import { addWindows, gatherWindows, gridSize } from "../models/tiling.js";
import { transformPass } from "../models/transform.js";
import type { Batch, StepResult } from "./step.js";

/** Keeps gradients of usual pictures near the norm that the optimiser clips at. */
const lossScale = 0.01;

/**
 * Forward and backward pass of an autoencoder that nothing is coded with while it learns: the distortion of what comes out, from the target,
 * which need not be what went in (Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders", section 2.3),
 * and the penalty on the code of a sparse model. The loss of an image is MSE (samples 0 .. 255) + penalty * 255^2 / samples, times 0.01.
 */
export function* autoencoderStep(network: Network, { canvas, target }: Batch): Steps<StepResult> {
  const { kernels, configuration: c } = network;
  const [{ analysis, synthesis }] = network.levels;
  if (!analysis) throw new Error("A receiver's network cannot be trained");
  const images = target.batch;
  const samples = target.width * target.height * c.channels;
  const weight = lossScale / images;

  const windows = gatherWindows(kernels, c, canvas, gridSize(c, target), c.analysisMargin);
  const code = transformPass(analysis, windows);
  const picture = transformPass(synthesis, code.output);
  const prediction = addWindows(kernels, c, picture.output, c.synthesisMargin);
  const region = { pixels: target, left: c.synthesisMargin, top: c.synthesisMargin };
  const weights = new Array(images).fill({ error: weight, score: 0, means: 0 });
  yield;
  const distortion = yield* new Distortion(kernels, c, region).judge(prediction, weights);
  yield;
  const gradientWindows = gatherWindows(kernels, c, distortion.gradient, code.output, c.synthesisMargin);
  const gradient = picture.backward(gradientWindows);
  const penalty = analysis.code?.addPenalty(code.output, gradient, (lossScale * 255 ** 2) / samples) ?? 0;
  code.backward(gradient, true);

  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    loss: sum(distortion.costs) + penalty,
    bitsPerPixel: 0,
    meanSquaredError: sum(distortion.squaredErrors) / images,
  };
}
