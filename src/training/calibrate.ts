import { synthesisWindow } from "../models/configuration.js";
import type { TrainingFacts } from "../models/model.js";
import type { Network } from "../models/network.js";
import { initializeStaticPrior } from "../models/static-prior.js";
import { inferTransform } from "../models/transform.js";
import { sizeOf } from "../nn/grid.js";
import type { Random } from "../nn/random.js";
import { Breath, longScope } from "./breath.js";
import type { Sampler } from "./training-set.js";

const mostSamples = 4096;
/** Samples that are coded without a pause. */
const samplesAtOnce = 64;
const sampleFloats = 0x800000;
/** Root mean square of what quantization adds to a picture's error, in grey levels (of 255), at quality 0 and 100. */
const coarsest = 16;
const finest = 1;

/**
 * Gains and prior of a network that has learnt without quantization: the step of a unit is the smaller, the more of it shows in the picture, and
 * shrinks with quality. Returns how many units are active.
 */
export async function calibrateQuantization(
  network: Network,
  sampler: Sampler,
  random: Random,
  breath = new Breath(),
): Promise<NonNullable<TrainingFacts["activity"]>> {
  const { kernels, configuration: c, parameters } = network;
  const [{ analysis, gain, inverseGain, prior, synthesis }] = network.levels;
  if (!analysis?.code || !gain || prior.kind !== "static") throw new Error("Expected a sparse network");
  const { code } = analysis;
  const window = synthesisWindow(c);
  const rows = Math.max(2, Math.min(mostSamples, Math.floor(sampleFloats / Math.max(window, c.latents))));
  const active = new Float64Array(c.latents);
  const squares = new Float64Array(c.latents);
  for (let done = 0; done < rows; done += samplesAtOnce) {
    const count = Math.min(samplesAtOnce, rows - done);
    await longScope(kernels.memory, async () => {
      const codes = inferTransform(analysis, await sampler.crops(random, count, c.patch, breath));
      code.countActive(codes).forEach((images, unit) => {
        active[unit] += images;
      });
      kernels.memory.f32(codes.pointer, sizeOf(codes)).forEach((value, i) => {
        squares[i % c.latents] += (value * value) / rows;
      });
    });
    await breath.breathe();
  }
  const unitsAtATime = active.reduce((sum, images) => sum + images, 0) / rows;

  // A code of n active units with steps of error variance 1 / 12 each, all equally strong in the picture.
  const strengths = columnNorms(parameters.read(synthesis.projection.linear.weight), window);
  const levels = (at: number): number => (at / 255) * Math.sqrt((12 * window) / Math.max(1, unitsAtATime));
  const [low, high] = [-Math.log(levels(coarsest)), -Math.log(levels(finest))];
  const typical = strengths.reduce((sum, strength) => sum + strength, 0) / strengths.length;
  const offsets = strengths.map((strength) => Math.log(Math.max(strength, typical / 100)) + (low + high) / 2);
  const slopes = new Float32Array(c.latents).fill((high - low) / 2);
  parameters.write(gain.offset, offsets);
  parameters.write(gain.slope, slopes);
  parameters.write(
    inverseGain.offset,
    offsets.map((offset) => -offset),
  );
  parameters.write(
    inverseGain.slope,
    slopes.map((slope) => -slope),
  );

  const logScales = offsets.map((offset, k) => offset + 0.5 * Math.log(Math.max(squares[k], 1e-12)));
  initializeStaticPrior(prior, logScales, slopes[0]);
  network.prepare();
  return { unitsAtATime, unitsEver: active.filter((images) => images > 0).length };
}

/** Lengths of the columns of the synthesis map, one for each latent: its rows, as weights lie (inputs, outputs). */
function columnNorms(weight: Float32Array, window: number): Float32Array {
  return Float32Array.from({ length: weight.length / window }, (_, k) =>
    Math.sqrt(weight.subarray(k * window, (k + 1) * window).reduce((sum, value) => sum + value * value, 0)),
  );
}
