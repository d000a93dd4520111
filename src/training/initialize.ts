import type { Kernels } from "../kernels/kernels.js";
import { initializeCentroids } from "../models/centroids.js";
import { analysisWindow, type ModelConfiguration, synthesisWindow } from "../models/configuration.js";
import { initializeContextPrior } from "../models/context-prior.js";
import { initializeGains } from "../models/gains.js";
import type { LatentLevel } from "../models/latent-level.js";
import { layerTraining } from "../models/layers.js";
import type { Network } from "../models/network.js";
import { initializeStaticPrior } from "../models/static-prior.js";
import type { Transform } from "../models/transform.js";
import { blueOfCb, greenOfCb, greenOfCr, redOfCr } from "../nn/colour-differences.js";
import { type Grid, gridLike, rowsOf } from "../nn/grid.js";
import { initializeProjection, Projection } from "../nn/projection.js";
import type { Random } from "../nn/random.js";
import { Breath, longScope } from "./breath.js";
import { type PrincipalComponents, principalComponents } from "./principal-components.js";
import type { Start } from "./train-options.js";
import type { Sampler } from "./training-set.js";

/** Latents are this many times the principal coefficients (of samples -0.5 .. 0.5), so that the blocks see numbers around 1. */
const latentScale = 4;
/** Quantization steps a unit of principal coefficient at q = 0, and the log of their growth from q = 0 to 1. */
const startGain = 5;
const startSlope = 0.85;
/** Patches that the components are computed from, unless they would take more than `sampleFloats`. */
const samplePatches = 48_000;
const sampleFloats = 0x2000000;
/** Beyond these dimensions a few patches do: decomposing their Gram matrix is quicker than that of the dimensions. */
const manyDimensions = 1024;

/**
 * Starts a network at the best linear autoencoder of its training images, or at random directions; everything nonlinear starts at zero effect.
 * Latents beyond the dimensions of a patch look in random directions, and nothing shows of them yet, nor of coarser levels.
 */
export async function initialize(
  network: Network,
  sampler: Sampler,
  random: Random,
  start: Start = "components",
  breath = new Breath(),
): Promise<void> {
  for (const [i, level] of network.levels.entries())
    await initializeLevel(level, i === 0, sampler, random, start, breath);
  const { parameters } = network;
  for (const parameter of parameters.all) parameters.write(parameter, parameters.read(parameter), "average");
  network.prepare();
}

async function initializeLevel(
  level: LatentLevel,
  isFinest: boolean,
  sampler: Sampler,
  random: Random,
  start: Start,
  breath: Breath,
): Promise<void> {
  const { kernels, configuration: c, parameters } = level;
  const { latents, patch } = c;
  const dimensions = (patch.width * patch.height * c.channels) / (c.chroma ? 2 : 1);
  const wanted = dimensions > manyDimensions ? manyDimensions : samplePatches;
  const count = Math.max(2, Math.min(wanted, Math.floor(sampleFloats / dimensions)));
  await longScope(kernels.memory, async () => {
    const crops = await sampler.crops(random, count, patch, breath);
    const samples = c.chroma ? halvedPatches(kernels, crops, patch.width) : crops;
    const shown = start === "components" ? Math.min(latents, dimensions) : latents;
    const { mean, components, variances } =
      start === "components"
        ? await principalComponents(kernels, samples, shown, breath)
        : await directions(kernels, samples, latents, start, random, breath);
    const analysis = new Float32Array(analysisWindow(c) * latents);
    const analysisBias = new Float32Array(latents);
    const synthesis = new Float32Array(latents * synthesisWindow(c));
    const synthesisBias = new Float32Array(synthesisWindow(c));
    const intoAnalysis = windowIndices(c, c.analysisMargin);
    const intoSynthesis = windowIndices(c, c.synthesisMargin);
    // The slope of a logit by its sample, at medium grey.
    const slope = c.likelihood === "bernoulli" ? 4 : 1;
    for (let d = 0; d < dimensions; d++) {
      const unit = c.chroma ? halvedUnit(d, dimensions) : 1;
      const pixels = c.chroma ? pixelsOf(d, dimensions) : 1;
      if (isFinest) synthesisBias[intoSynthesis[d]] = c.likelihood === "bernoulli" ? logitOf(mean[d]) : mean[d] / unit;
      for (let k = 0; k < shown; k++) {
        const weight = components[k * dimensions + d];
        analysis[intoAnalysis[d] * latents + k] = (weight * latentScale * unit) / pixels;
        analysisBias[k] -= mean[d] * weight * latentScale;
        if (isFinest) synthesis[k * synthesisWindow(c) + intoSynthesis[d]] = ((weight / latentScale) * slope) / unit;
      }
      await breath.breathe();
    }
    const bound = latentScale / Math.sqrt(analysisWindow(c));
    for (let k = shown; k < latents; k++) {
      for (let i = k; i < analysis.length; i += latents) analysis[i] = (2 * random.uniform() - 1) * bound;
      await breath.breathe();
    }
    // Sigmoids start at the activity that is wanted of them.
    const activity = c.sparsity?.kind === "kl" ? c.sparsity.activity : 0.5;
    for (let k = 0; k < latents; k++) analysisBias[k] += Math.log(activity / (1 - activity));
    if (level.analysis) {
      initializeProjection(projectionOf(level.analysis), analysis, random);
      parameters.write(level.analysis.projection.linear.bias, analysisBias);
    }
    initializeProjection(projectionOf(level.synthesis), synthesis, random);
    parameters.write(level.synthesis.projection.linear.bias, synthesisBias);
    initializeLevelBlocks(level, random);
    if (level.gain) initializeCoding(level, variances, random);
  });
}

/** Starts the blocks so that they change nothing: those of a new network, or those that a network has more than the model it starts from. */
export function initializeBlocks({ levels }: Network, random: Random): void {
  for (const level of levels) initializeLevelBlocks(level, random);
}

function initializeLevelBlocks({ analysis, synthesis }: LatentLevel, random: Random): void {
  for (const transform of [analysis, synthesis])
    for (const block of transform?.blocks ?? []) layerTraining[block.kind].initialize?.(block, random);
}

/** The logit of a sample -0.5 .. 0.5, held back from the infinite. */
export function logitOf(sample: number): number {
  const share = Math.min(0.99, Math.max(0.01, sample + 0.5));
  return Math.log(share / (1 - share));
}

function projectionOf({ projection }: Transform): Projection {
  if (projection instanceof Projection) return projection;
  throw new Error("Only linear maps start at principal components");
}

/** Starts the gains, and the prior at the components' variances, in the units that each kind of prior counts in. */
function initializeCoding(
  { gain, inverseGain, centroids, prior }: LatentLevel,
  known: Float64Array,
  random: Random,
): void {
  if (gain) initializeGains(gain, Math.log(startGain / latentScale), startSlope);
  initializeGains(inverseGain, -Math.log(startGain / latentScale), -startSlope);
  if (centroids) initializeCentroids(centroids);
  const smallest = known[known.length - 1];
  const variances = Float64Array.from({ length: gain?.channels ?? 0 }, (_, k) => known[k] ?? smallest);
  const logScales = (unit: number): Float32Array =>
    Float32Array.from(variances, (variance) => 0.5 * Math.log(Math.max(variance, 1e-9)) + Math.log(unit));
  if (prior.kind === "static") initializeStaticPrior(prior, logScales(startGain), startSlope);
  else initializeContextPrior(prior, logScales(latentScale), random);
}

/** Directions of unit length, random ones or those of training pictures from their mean, and the mean variance for each of them. */
async function directions(
  kernels: Kernels,
  samples: Grid,
  count: number,
  start: Exclude<Start, "components">,
  random: Random,
  breath: Breath,
): Promise<PrincipalComponents> {
  const { channels } = samples;
  const { mean, variances } = await principalComponents(kernels, samples, channels, breath);
  const bound = Math.sqrt(3 / channels);
  const components = random.uniforms(count * channels).map((value) => (2 * value - 1) * bound);
  if (start === "pictures") {
    for (let k = 0; k < Math.min(count, rowsOf(samples)); k++) {
      const picture = kernels.memory.f32(samples.pointer + k * channels * 4, channels);
      const length = Math.sqrt(picture.reduce((sum, value) => sum + value * value, 0));
      if (length > 0)
        components.set(
          picture.map((value) => value / length),
          k * channels,
        );
      await breath.breathe();
    }
  }
  const typical = variances.reduce((sum, variance) => sum + variance, 0) / channels;
  return { mean, components, variances: new Float64Array(count).fill(typical) };
}

/** For each sample of a patch, as projections see it, its index within the window that has `margin` more pixels on every side. */
function windowIndices({ patch, channels, chroma }: ModelConfiguration, margin: number): Int32Array {
  if (chroma) {
    const [side, half] = [patch.width + 2 * margin, patch.width / 2 + margin];
    const at = (from: number, size: number, around: number): number[] =>
      Array.from({ length: size * size }, (_, d) => {
        const y = Math.floor(d / size);
        return from + (y + around) * (size + 2 * around) + around + (d % size);
      });
    const differences = [0, 1].map((plane) => at(side * side + plane * half * half, patch.width / 2, margin / 2));
    return Int32Array.from([at(0, patch.width, margin), ...differences].flat());
  }
  const rowSamples = patch.width * channels;
  const windowRow = (patch.width + 2 * margin) * channels;
  return Int32Array.from({ length: rowSamples * patch.height }, (_, d) => {
    const y = Math.floor(d / rowSamples);
    return (y + margin) * windowRow + margin * channels + (d % rowSamples);
  });
}

/** Patches whose colour differences have half the resolution, in units of equal squared errors of red, green and blue. */
function halvedPatches(kernels: Kernels, patches: Grid, side: number): Grid {
  const dimensions = patches.channels / 2;
  const halved = gridLike(kernels, patches, dimensions);
  kernels.call.halveChroma(rowsOf(patches), side, patches.pointer, halved.pointer);
  const units = kernels.memory.place(
    Float32Array.from({ length: dimensions }, (_, d) => halvedUnit(d, dimensions) / pixelsOf(d, dimensions)),
  );
  kernels.call.scaleColumns(rowsOf(halved), dimensions, halved.pointer, units, halved.pointer);
  return halved;
}

/** Pixels whose values an analysis sums up to a sample of a halved patch. */
const pixelsOf = (d: number, dimensions: number): number => (d < (2 * dimensions) / 3 ? 1 : 4);

/** What a sample of a halved patch counts as: roots of the squared errors of red, green and blue that it makes. */
function halvedUnit(d: number, dimensions: number): number {
  if (d < (2 * dimensions) / 3) return Math.sqrt(3);
  const [ofBlueOrRed, ofGreen] = d < (5 * dimensions) / 6 ? [blueOfCb, greenOfCb] : [redOfCr, greenOfCr];
  return 2 * Math.sqrt(ofBlueOrRed ** 2 + ofGreen ** 2);
}
