import type { Kernels } from "../kernels/kernels.js";
import { type Grid, rowsOf, sizeOf } from "../nn/grid.js";
import type { Gaussian } from "../nn/perceptron.js";
import type { Random } from "../nn/random.js";
import type { Network } from "./network.js";
import { inferTransform } from "./transform.js";
import { variationalParts } from "./variational-parts.js";

/** Importance sampling of the latents of a variational model, by its posterior (Burda et al. 2016, section 3). */

/** Rows that the synthesis infers at once: few enough for the caches. */
const rowsAtOnce = 512;

/** `repeats` samples of the posterior of each image, and the noise they were made of. */
export function drawSamples(
  kernels: Kernels,
  { mean, logVariance }: Gaussian,
  random: Random,
  repeats: number,
): { noise: Grid; sample: Grid } {
  const [N, C] = [rowsOf(mean), mean.channels];
  const fresh = (): Grid => ({ ...mean, batch: N * repeats, pointer: kernels.memory.allocateFloats(N * repeats * C) });
  const [noise, sample] = [fresh(), fresh()];
  random.fillNormal(sizeOf(noise), noise.pointer);
  kernels.call.reparameterize(N, C, repeats, mean.pointer, logVariance.pointer, noise.pointer, sample.pointer);
  return { noise, sample };
}

/** ln p(x|z) + ln p(z) - ln q(z|x) of `repeats` samples of each image, image after image. */
export function importanceLogWeights(
  network: Network,
  { logVariance }: Gaussian,
  { noise, sample }: { noise: Grid; sample: Grid },
  target: Grid,
  repeats: number,
): Float64Array {
  const { kernels } = network;
  const { call, memory } = kernels;
  const { synthesis, likelihood } = variationalParts(network);
  const [N, C] = [rowsOf(logVariance), logVariance.channels];
  const ratio = memory.allocateFloats(N * repeats);
  call.logPriorRatio(N, C, repeats, logVariance.pointer, noise.pointer, sample.pointer, ratio);
  const logWeights = Float64Array.from(memory.f32(ratio, N * repeats));
  for (let image = 0; image < N; image++) {
    const wanted = { ...target, batch: 1, pointer: target.pointer + image * target.channels * 4 };
    for (let first = 0; first < repeats; first += rowsAtOnce) {
      memory.scope(() => {
        const count = Math.min(rowsAtOnce, repeats - first);
        const at = image * repeats + first;
        const part = { ...sample, batch: count, pointer: sample.pointer + at * C * 4 };
        const densities = likelihood.logDensities(inferTransform(synthesis, part), wanted, count);
        densities.forEach((density, i) => {
          logWeights[at + i] += density;
        });
      });
    }
  }
  return logWeights;
}

/** ln of the mean of e^x over part of an array. */
export function logMeanExp(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length);
}
