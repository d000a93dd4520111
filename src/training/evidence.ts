import { IsthmusError } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import type { Kernels } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import { drawSamples, importanceLogWeights, logMeanExp } from "../models/importance-weights.js";
import type { Network } from "../models/network.js";
import type { PixelLikelihood } from "../models/pixel-likelihood.js";
import { transformPass } from "../models/transform.js";
import { variationalParts } from "../models/variational-parts.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import { type Gaussian, gaussianPass } from "../nn/perceptron.js";
import type { Random } from "../nn/random.js";
import type { Breath } from "./breath.js";
import type { Gallery } from "./gallery.js";
import { PictureRows } from "./picture-rows.js";
import type { TrainPlan, VariationalPlan } from "./plan.js";
import { setPosteriorSteps } from "./posterior-steps.js";
import type { Batch, StepResult } from "./step.js";
import { initializeVariational } from "./variational-start.js";

/** Samples of an image that the backward pass goes through; more are thinned out by their weights. */
const mostBackward = 8;

/** What a batch of a variational model is: the analysis sees -0.5 .. 0.5, the likelihood what it wants (see PixelLikelihood). */
export interface EvidenceBatch {
  readonly input: Grid;
  readonly target: Grid;
}

/** Variational training over a set of pictures of one size. */
export class Evidence {
  private readonly rows: PictureRows;
  private readonly plan: VariationalPlan;

  constructor(
    private readonly network: Network,
    images: PictureRows | readonly DecodedImage[],
    private readonly training: TrainPlan,
  ) {
    if (!training.variational) throw new Error("The plan is not variational");
    this.plan = training.variational;
    this.rows = images instanceof PictureRows ? images : PictureRows.of(network.kernels, images, training.seed);
  }

  /** All pictures of a gallery are held: they are small. Throws `memory-exceeded` where they take more than `maxMemory` bytes. */
  static async over(
    network: Network,
    images: Gallery,
    training: TrainPlan,
    maxMemory: number,
    breath: Breath,
  ): Promise<Evidence> {
    const { channels, patch } = network.configuration;
    const samples = patch.width * patch.height * channels;
    const bytes = samples * images.count;
    if (bytes > maxMemory) {
      throw new IsthmusError(
        "memory-exceeded",
        `Expected at most ${maxMemory} bytes of images for the preset variational, which holds them all, but received ${bytes}`,
      );
    }
    const rows = new PictureRows(network.kernels, images.count, samples, training.seed);
    for (let index = 0; index < images.count; index++) {
      rows.put(index, await images.at(index));
      await breath.breathe();
    }
    return new Evidence(network, rows, training);
  }

  initialize(random: Random, breath?: Breath): Promise<void> {
    return initializeVariational(this.network, this.rows, random, breath);
  }

  /** Sets the quantization steps of what has been learnt. */
  setSteps(breath?: Breath): Promise<void> {
    this.network.prepare();
    return setPosteriorSteps(this.network, this.rows, breath);
  }

  /** The pictures of step `step`. In the caller's scope. */
  draw(random: Random, step: number): Batch {
    const indices = this.rows.indices(step, this.training.batch);
    const { input, target } = batchOf(this.network, this.rows, indices, random, this.plan.binarize);
    return { canvas: input, target, qualities: [] };
  }

  /** Draws the pictures of a step and passes through them, see `evidencePass`. In the caller's scope. */
  pass(random: Random, step: number, share = 1): StepResult {
    return evidencePass(this.network, this.plan, this.draw(random, step), random, { step, share });
  }
}

/** How far a training is: steps done, and the part (0 .. 1) of all of them. */
export interface Standing {
  readonly step: number;
  readonly share: number;
}

/** Forward and backward pass by the plan's bound. In the caller's scope. Throws `training-diverged`. */
export function evidencePass(
  network: Network,
  { beta, warmUp, samples }: VariationalPlan,
  { canvas: input, target }: Batch,
  random: Random,
  { step, share }: Standing,
): StepResult {
  const warm = warmUp > 0 ? Math.min(1, share / warmUp) : 1;
  const result =
    samples > 1
      ? importanceWeighted(network, { input, target }, random, samples)
      : evidenceLowerBound(network, { input, target }, random, beta * warm);
  if (!Number.isFinite(result.loss)) {
    throw new IsthmusError("training-diverged", `The loss is not finite at step ${step}; lower the learning rate`);
  }
  return result;
}

/** The batch of some pictures. `binarize`: each sample is drawn black or white, with its grey as the probability of white. */
export function batchOf(
  { kernels, likelihood }: Network,
  rows: PictureRows,
  indices: Int32Array,
  random: Random,
  binarize: boolean,
): EvidenceBatch {
  const { call, memory } = kernels;
  if (!binarize) {
    const input = rows.rows(indices, -0.5);
    return { input, target: likelihood?.kind === "bernoulli" ? rows.rows(indices, 0) : input };
  }
  const grey = rows.rows(indices, 0);
  const count = sizeOf(grey);
  const target = gridLike(kernels, grey);
  const input = gridLike(kernels, grey);
  const uniform = memory.allocateFloats(count);
  random.fillUniform(count, uniform);
  call.drawBernoulli(count, grey.pointer, uniform, target.pointer);
  call.fill(count, -0.5, input.pointer);
  call.add(count, target.pointer, input.pointer, input.pointer);
  return { input, target: likelihood?.kind === "bernoulli" ? target : input };
}

/**
 * Forward and backward pass of the negative evidence lower bound with one sample an image, E[-ln p(x|z)] + beta KL(q(z|x) | N(0, 1)), averaged
 * over the batch (Kingma & Welling 2014, equation 10; beta: Higgins et al. 2017, equation 4). The loss is in nats an image.
 */
export function evidenceLowerBound(network: Network, batch: EvidenceBatch, random: Random, beta: number): StepResult {
  const { kernels } = network;
  const { call, memory } = kernels;
  const { encoder, synthesis, likelihood } = variationalParts(network);
  const encoding = gaussianPass(encoder, batch.input);
  const posterior = encoding.output;
  const { mean, logVariance } = posterior;
  const [N, C] = [rowsOf(mean), mean.channels];
  const { noise, sample } = drawSamples(kernels, posterior, random, 1);
  const weights = new Float32Array(N).fill(1 / N);
  const picture = transformPass(synthesis, sample);
  const { logDensities, gradient } = likelihood.backward(picture.output, batch.target, weights);
  const byPosterior = posteriorGradient(kernels, posterior, noise, picture.backward(gradient), 1);
  const divergence = memory.allocateFloats(N);
  const [byMean, byLogVariance] = [byPosterior.mean.pointer, byPosterior.logVariance.pointer];
  call.gaussianDivergence(N, C, mean.pointer, logVariance.pointer, beta / N, divergence, byMean, byLogVariance);
  encoding.backward(byPosterior);
  const nats = meanOf(memory.f32(divergence, N));
  return result(
    network,
    -meanOf(logDensities) + beta * nats,
    nats,
    sampleError(kernels, likelihood, gradient, weights),
  );
}

/**
 * Forward and backward pass of the negative importance-weighted bound -E[ln 1/k sum p(x, z_i) / q(z_i|x)] (Burda et al. 2016, equation 8),
 * averaged over the batch. All k samples are weighed; where they are many, the backward pass goes through `mostBackward` of them, drawn by
 * their weights (end of section 3), so that its gradient has the same expectation.
 */
export function importanceWeighted(
  network: Network,
  batch: EvidenceBatch,
  random: Random,
  k: number,
  backward = mostBackward,
): StepResult {
  const { kernels } = network;
  const { call, memory } = kernels;
  const { encoder, synthesis, likelihood } = variationalParts(network);
  const encoding = gaussianPass(encoder, batch.input);
  const posterior = encoding.output;
  const { mean, logVariance } = posterior;
  const [N, C] = [rowsOf(mean), mean.channels];
  const drawn = drawSamples(kernels, posterior, random, k);
  const logWeights = importanceLogWeights(network, posterior, drawn, batch.target, k);
  const chosen = chooseSamples(logWeights, N, k, Math.min(k, backward), random);

  const rows = memory.place(chosen.rows);
  const choose = (grid: Grid): Grid => {
    const part = { ...grid, batch: N * chosen.repeats, pointer: memory.allocateFloats(N * chosen.repeats * C) };
    call.gatherRows(part.batch, C, grid.pointer, C, rows, part.pointer, C);
    return part;
  };
  const [sample, noise] = [choose(drawn.sample), choose(drawn.noise)];
  const picture = transformPass(synthesis, sample);
  const { gradient } = likelihood.backward(picture.output, batch.target, chosen.weights, chosen.repeats);
  const bySample = picture.backward(gradient);
  // -d ln p(z) / dz = z, and -d (-ln q) / d logVariance = -1/2 with the noise held.
  chosen.weights.forEach((weight, row) => {
    call.addScaled(C, weight, sample.pointer + row * C * 4, bySample.pointer + row * C * 4);
  });
  const byPosterior = posteriorGradient(kernels, posterior, noise, bySample, chosen.repeats);
  const half = memory.allocateFloats(N * C);
  call.fill(N * C, -0.5 / N, half);
  call.add(N * C, half, byPosterior.logVariance.pointer, byPosterior.logVariance.pointer);
  encoding.backward(byPosterior);

  const divergence = memory.allocateFloats(N);
  const nothing = gridLike(kernels, mean).pointer;
  call.gaussianDivergence(N, C, mean.pointer, logVariance.pointer, 0, divergence, nothing, nothing);
  const error = sampleError(kernels, likelihood, gradient, chosen.weights);
  return result(network, -meanOf(chosen.bounds), meanOf(memory.f32(divergence, N)), error);
}

interface ChosenSamples {
  /** ln of the mean weight of each image's samples. */
  readonly bounds: Float64Array;
  /** Rows of the samples that the gradient goes through, `repeats` for each image, and their weights in the mean over the batch. */
  readonly rows: Int32Array;
  readonly weights: Float32Array;
  readonly repeats: number;
}

/** All samples with their normalised weights, or some of equal weight by systematic resampling (Kitagawa 1996, appendix). */
function chooseSamples(logWeights: Float64Array, N: number, k: number, repeats: number, random: Random): ChosenSamples {
  const bounds = new Float64Array(N);
  const rows = new Int32Array(N * repeats);
  const weights = new Float32Array(N * repeats).fill(1 / (N * repeats));
  for (let image = 0; image < N; image++) {
    const own = logWeights.subarray(image * k, (image + 1) * k);
    bounds[image] = logMeanExp(own);
    const shares = own.map((value) => Math.exp(value - bounds[image]) / k);
    const at = image * repeats;
    if (repeats === k) {
      rows.set(
        shares.map((_, i) => at + i),
        at,
      );
      weights.set(
        shares.map((share) => share / N),
        at,
      );
      continue;
    }
    let sum = 0;
    let taken = 0;
    const start = random.uniform();
    shares.forEach((share, i) => {
      sum += share;
      while (taken < repeats && start + taken < sum * repeats) rows[at + taken++] = image * k + i;
    });
    while (taken < repeats) rows[at + taken++] = image * k + k - 1;
  }
  return { bounds, rows, weights, repeats };
}

function posteriorGradient(
  kernels: Kernels,
  { mean, logVariance }: Gaussian,
  noise: Grid,
  gradient: Grid,
  repeats: number,
): Gaussian {
  const result = { mean: gridLike(kernels, mean), logVariance: gridLike(kernels, mean) };
  const [N, C] = [rowsOf(mean), mean.channels];
  const [byMean, byLogVariance] = [result.mean.pointer, result.logVariance.pointer];
  const { reparameterizeGradient } = kernels.call;
  reparameterizeGradient(N, C, repeats, logVariance.pointer, noise.pointer, gradient.pointer, byMean, byLogVariance);
  return result;
}

/** Mean squared error of samples in 0 .. 1, told by the gradient of equally weighted rows: it is proportional to the differences. */
function sampleError(
  { call, memory }: Kernels,
  likelihood: PixelLikelihood,
  gradient: Grid,
  weights: Float32Array,
): number {
  return memory.scope(() => {
    const total = memory.allocate(8);
    call.sumOfSquares(sizeOf(gradient), gradient.pointer, total);
    const slope = likelihood.gradientOfDifference * meanOf(weights);
    return doublesAt(memory, total, 1)[0] / slope ** 2 / sizeOf(gradient);
  });
}

function result({ configuration: c }: Network, loss: number, divergence: number, sampleError: number): StepResult {
  const pixels = c.patch.width * c.patch.height;
  return { loss, bitsPerPixel: divergence / Math.LN2 / pixels, meanSquaredError: sampleError * 255 * 255 };
}

const meanOf = (values: Float32Array | Float64Array): number =>
  (values as Float64Array).reduce((sum, value) => sum + value, 0) / values.length;
