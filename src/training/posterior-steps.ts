import { initializeGains } from "../models/gains.js";
import type { Network } from "../models/network.js";
import { variationalSteps } from "../models/presets.js";
import { initializeStaticPrior } from "../models/static-prior.js";
import { variationalParts } from "../models/variational-parts.js";
import { Breath } from "./breath.js";
import type { PictureRows } from "./picture-rows.js";

/** Pictures that deviations are taken of. */
const samplePictures = 4096;
/** Pictures that are coded without a pause. */
const picturesAtOnce = 64;
/** Deviations of means below this are those of latents that hold nothing. */
const leastDeviation = 1e-3;

/**
 * Sets the quantization steps of a trained variational network, which codes the means of its posterior: the coarser, the more uncertain a
 * latent is by itself. The error of a step of sqrt(12) deviations is as large as the noise that the synthesis was trained with; quality 50 is
 * half of that. The prior gets the deviations that the means have: those of N(0, 1) less what the posterior's own spread is.
 */
export async function setPosteriorSteps(network: Network, rows: PictureRows, breath = new Breath()): Promise<void> {
  const { kernels, configuration: c, parameters } = network;
  const [{ gain, inverseGain, prior }] = network.levels;
  const { encoder } = variationalParts(network);
  if (!gain || prior.kind !== "static") throw new Error("The network is not variational");
  const { latents } = c;
  const { memory } = kernels;
  const indices = rows.indices(0, Math.min(samplePictures, rows.count));
  const [deviations, squares] = [new Float64Array(latents), new Float64Array(latents)];
  for (let done = 0; done < indices.length; done += picturesAtOnce) {
    const some = indices.subarray(done, done + picturesAtOnce);
    memory.scope(() => {
      const { mean, logVariance } = encoder.inferGaussian(rows.rows(some, -0.5));
      memory.f32(logVariance.pointer, some.length * latents).forEach((value, i) => {
        deviations[i % latents] += Math.exp(value / 2) / indices.length;
      });
      memory.f32(mean.pointer, some.length * latents).forEach((value, i) => {
        squares[i % latents] += value ** 2 / indices.length;
      });
    });
    await breath.breathe();
  }
  const deviation = Float32Array.from(deviations);
  const spread = Float32Array.from(squares, Math.sqrt);
  const offset = deviation.map((value) => variationalSteps.offset * Math.LN2 - Math.log(Math.sqrt(12) * value));
  const slope = variationalSteps.slope * Math.LN2;
  initializeGains(gain, 0, slope);
  initializeGains(inverseGain, 0, -slope);
  parameters.write(gain.offset, offset);
  parameters.write(
    inverseGain.offset,
    offset.map((value) => -value),
  );
  initializeStaticPrior(
    prior,
    spread.map((value, i) => Math.log(Math.max(leastDeviation, value)) + offset[i]),
    slope,
  );
  network.prepare();
}
