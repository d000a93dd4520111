import type { Steps } from "../ground/steps.js";
import { centroidsPass } from "../models/centroids.js";
import { gainsPass } from "../models/gains.js";
import type { LatentLevel } from "../models/latent-level.js";
import { rateOf } from "../models/rate.js";
import { gatherWindows, gridSize } from "../models/tiling.js";
import { transformPass } from "../models/transform.js";
import { type Grid, gridLike, sizeOf } from "../nn/grid.js";
import type { Batch } from "./step.js";

/** One level's way from pixels to the windows that it adds to the picture, and back. */
export interface LevelPass {
  readonly windows: Grid;
  /** Bits of each image. */
  readonly bits: readonly number[];
  /** Takes the gradient of the loss by the canvas that the windows were added to; adds to the parameters' gradients. */
  backward(gradient: Grid): Steps<void>;
}

/**
 * Rate and synthesis see rounded latents, as they will be coded. The synthesis' gradient goes straight through rounding (Minnen & Singh 2020, section 3); the rate's by a
 * latent is that of the bits that it takes on average with uniform noise (Balle et al. 2017, section 3), in closed form. `weights`: of each image's bits in the loss. What it allocates belongs to the caller's scope.
 */
export function* levelPass(
  level: LatentLevel,
  { canvas, target, qualities }: Batch,
  weights: readonly number[],
): Steps<LevelPass> {
  const { kernels, configuration: c, analysis, gain, inverseGain, centroids, synthesis, prior } = level;
  if (!analysis || !gain) throw new Error("A receiver's network cannot be trained");
  const { call } = kernels;
  const windows = gatherWindows(kernels, c, canvas, gridSize(c, target), c.analysisMargin);
  const analysed = transformPass(analysis, windows);
  yield;
  const gained = gainsPass(gain, analysed.output, qualities);
  const latents = gained.output;
  const rounded = gridLike(kernels, latents);
  call.roundNearest(sizeOf(latents), latents.pointer, rounded.pointer);
  const dequantized = gainsPass(inverseGain, rounded, qualities);
  const rate = yield* rateOf(prior, {
    values: rounded,
    unrounded: latents,
    dequantized: dequantized.output,
    qualities,
    weights,
  });
  const gradientLatents = rate.gradient;
  const addGradient = ({ pointer }: Grid): void =>
    call.add(sizeOf(latents), gradientLatents.pointer, pointer, gradientLatents.pointer);
  if (rate.contextGradient) addGradient(dequantized.backward(rate.contextGradient));

  const moved = centroids && rate.distribution && centroidsPass(centroids, rounded, rate.distribution);
  const reconstructed = gainsPass(inverseGain, moved?.output ?? rounded, qualities);
  const picture = transformPass(synthesis, reconstructed.output);
  return {
    windows: picture.output,
    bits: rate.bits,
    *backward(gradient) {
      const gradientWindows = gatherWindows(kernels, c, gradient, latents, c.synthesisMargin);
      const gradientMoved = reconstructed.backward(picture.backward(gradientWindows));
      addGradient(moved ? moved.backward(gradientMoved) : gradientMoved);
      yield;
      analysed.backward(gained.backward(gradientLatents), true);
    },
  };
}
