import { initializeGains } from "../models/gains.js";
import type { Network } from "../models/network.js";
import { variationalSteps } from "../models/presets.js";
import { initializeStaticPrior, StaticPrior } from "../models/static-prior.js";
import { variationalParts } from "../models/variational-parts.js";
import { rowsOf } from "../nn/grid.js";
import type { PictureRows } from "./picture-rows.js";

/** Pictures that deviations are taken of. */
const samplePictures = 4096;
/** Deviations of means below this are those of latents that hold nothing. */
const leastDeviation = 1e-3;

/**
 * Sets the quantization steps of a trained variational network, which codes the means of its posterior: the coarser, the more uncertain a
 * latent is by itself. The error of a step of sqrt(12) deviations is as large as the noise that the synthesis was trained with; quality 50 is
 * half of that. The prior gets the deviations that the means have: those of N(0, 1) less what the posterior's own spread is.
 */
export function setPosteriorSteps(network: Network, rows: PictureRows): void {
  const { kernels, configuration: c, gain, inverseGain, prior, parameters } = network;
  const { encoder } = variationalParts(network);
  if (!gain || !(prior instanceof StaticPrior)) throw new Error("The network is not variational");
  const { latents } = c;
  const { deviation, spread } = kernels.memory.scope(() => {
    const count = Math.min(samplePictures, rows.count);
    const { mean, logVariance } = encoder.inferGaussian(rows.rows(rows.indices(0, count), -0.5));
    const floats = (pointer: number): Float32Array => kernels.memory.f32(pointer, rowsOf(mean) * latents);
    return {
      deviation: columnMeans(
        floats(logVariance.pointer).map((value) => Math.exp(value / 2)),
        latents,
      ),
      spread: columnMeans(
        floats(mean.pointer).map((value) => value * value),
        latents,
      ).map(Math.sqrt),
    };
  });
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

function columnMeans(values: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  values.forEach((value, i) => {
    sums[i % columns] += value;
  });
  return Float32Array.from(sums, (sum) => (sum * columns) / values.length);
}
