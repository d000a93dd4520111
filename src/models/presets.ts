import { expected } from "../ground/errors.js";
import type { Activation } from "../kernels/interface.js";
import type { Sparsity } from "../nn/sparsity.js";
import {
  type Likelihood,
  type ModelConfiguration,
  maxLatents,
  type Restoration,
  type TransformConfiguration,
  type Tune,
} from "./configuration.js";

/** The graphs that training begins with, one for each preset. */

export function photoConfiguration(options: {
  channels: 1 | 3;
  /** Side of the patches in pixels; default 8. */
  patch?: number | undefined;
  latents?: number | undefined;
  tune?: Tune | undefined;
  /** Resolution of colour differences; default half where the model is tuned for what people see, who see colours coarsely. */
  chroma?: "half" | "full" | undefined;
}): ModelConfiguration {
  const { patch = 8, chroma = options.tune === "ssimulacra2" ? "half" : "full" } = options;
  const latents = options.latents ?? photoLatents(options.channels, patch);
  checkLatents(latents, patch * patch * options.channels);
  return {
    preset: "photo",
    channels: options.channels,
    patch: { width: patch, height: patch },
    fixedSize: false,
    analysisMargin: 8,
    synthesisMargin: 4,
    ...(chroma === "half" && options.channels === 3 && { chroma }),
    latents,
    activation: "hardSwish",
    analysis: { hidden: [], blocks: 5, blockHidden: 2 * latents },
    synthesis: { hidden: [], blocks: 2, blockHidden: 2 * latents },
    prior: { kind: "context", hidden: 128, groups: channelGroups(latents) },
    weightLevels: { layers: 20, prior: 48, projections: 56 },
    ...(options.tune === "ssimulacra2" ? tunedForScore : { lambda: { low: 0.001, high: 0.1 } }),
  };
}

/**
 * Mostly SSIMULACRA 2, which alone would let colours of large areas drift: so means of blocks count as much as they do for a model of squared error. The worth of a point follows the slope of rate by score, which grows
 * steeply above 80: so quality 50 comes out at medium quality, and quality 100 where nobody sees a difference.
 */
const tunedForScore = {
  ssimulacra2: { share: 0.9, point: { low: 0.0022, middle: 0.0165, high: 0.65 }, means: 1 },
  lambda: { low: 0.0012, high: 1.3 },
} as const;

/** Of larger patches more components matter; the file stays below a megabyte. */
const photoLatents = (channels: 1 | 3, patch: number): number => {
  if (patch > 8) return 112;
  return channels === 1 ? 48 : 96;
};

/** Shares of the channels by group, in 24ths: the components that carry most come first, alone, and inform the others. */
const groupShares = [1, 3, 8, 12];

function channelGroups(latents: number): number[] {
  let shares = 0;
  let done = 0;
  return groupShares
    .map((share) => {
      shares += share;
      const channels = Math.round((latents * shares) / 24) - done;
      done += channels;
      return channels;
    })
    .filter((channels) => channels > 0);
}

/** Weights of the widest layer of the vector preset are kept below this number. */
const maxVectorWeights = 0x200000;

export function vectorConfiguration(options: {
  channels: 1 | 3 | 4;
  width: number;
  height: number;
  latents?: number | undefined;
  hidden?: readonly number[] | undefined;
  activation?: Activation | undefined;
  likelihood?: Likelihood | undefined;
}): ModelConfiguration {
  const { channels, width, height, activation = "hardSwish", likelihood } = options;
  const pixels = width * height * channels;
  const latents = options.latents ?? Math.max(1, Math.min(64, Math.floor(pixels / 4)));
  checkLatents(latents, maxLatents);
  const widest = Math.max(latents, Math.min(512, Math.floor(maxVectorWeights / pixels / 8) * 8));
  const hidden = options.hidden ?? [widest, Math.max(latents, widest >> 1)];
  return {
    preset: "vector",
    channels,
    patch: { width, height },
    fixedSize: true,
    analysisMargin: 0,
    synthesisMargin: 0,
    latents,
    activation,
    analysis: { hidden, blocks: 0, blockHidden: 0 },
    synthesis: { hidden: [...hidden].reverse(), blocks: 0, blockHidden: 0 },
    prior: { kind: "static" },
    ...(likelihood === "bernoulli" && { likelihood }),
    // The neck limits the quality already: fine quantization of few latents would cost bytes and show in nothing.
    lambda: { low: 0.0001, high: 0.005 },
  };
}

/** Octaves by which the quantization step of a variational model is finer than a deviation of its posterior: at quality 50, and from 50 to 100. */
export const variationalSteps = { offset: 1, slope: 2 } as const;

export function variationalConfiguration(options: {
  channels: 1 | 3 | 4;
  width: number;
  height: number;
  beta: number;
  latents?: number | undefined;
  hidden?: readonly number[] | undefined;
  activation?: Activation | undefined;
  likelihood?: Likelihood | undefined;
}): ModelConfiguration {
  const { channels, width, height, beta, activation = "relu" } = options;
  const pixels = width * height * channels;
  const { latents = Math.min(20, Math.ceil(pixels / 4)), likelihood = channels === 1 ? "bernoulli" : "gaussian" } =
    options;
  checkLatents(latents, maxLatents);
  const hidden = options.hidden ?? [Math.max(8, Math.min(400, Math.floor(maxVectorWeights / pixels / 8) * 8))];
  const transform = { blocks: 0, blockHidden: 0, shortcut: false } as const;
  // What a nat of distortion and a nat of rate are worth to each other under the bound, where the step is one deviation.
  const slope = likelihood === "bernoulli" ? 2 : 1 / (2 * expectedVariance);
  const natural = (slope * channels) / (255 * 255 * beta * Math.LN2);
  const lambdaAt = (q: number): number => natural * 4 ** (variationalSteps.offset + variationalSteps.slope * q);
  return {
    preset: "variational",
    channels,
    patch: { width, height },
    fixedSize: true,
    analysisMargin: 0,
    synthesisMargin: 0,
    latents,
    activation,
    analysis: { hidden, ...transform },
    synthesis: { hidden: [...hidden].reverse(), ...transform },
    prior: { kind: "static" },
    likelihood,
    posterior: "gaussian",
    lambda: { low: lambdaAt(-1), high: lambdaAt(1) },
  };
}

/** Of samples 0 .. 1 around their reconstruction. */
const expectedVariance = 0.01;

/** Latents of a sparse model for each sample of its picture: an overcomplete code, of which few units are active at a time. */
const sparseLatentsPerSample = 1.25;

/**
 * A sparse autoencoder: one linear map into a wide code of which few units are active, and one out of it (Makhzani & Frey 2013, "k-Sparse
 * Autoencoders", section 2).
 */
export function sparseConfiguration(
  options: Parameters<typeof vectorConfiguration>[0] & { sparsity: Sparsity },
): ModelConfiguration {
  const { channels, width, height, sparsity } = options;
  const latents =
    options.latents ?? Math.min(maxLatents, Math.ceil(sparseLatentsPerSample * width * height * channels));
  if (sparsity.kind === "k" && sparsity.active > latents) {
    throw expected(`at most the ${latents} latents of the model`, "active units of sparsity", sparsity.active);
  }
  const vector = vectorConfiguration({ ...options, latents, hidden: options.hidden ?? [] });
  return { ...vector, preset: "sparse", sparsity };
}

/** Latents of a model that restores: nothing has to fit through its neck. */
const restoringLatents = { photo: { 1: 96, 3: 128 }, vector: 512 } as const;

/**
 * A model that restores pictures of any size: many thin cells instead of few rich ones, since detail must pass, and no rate. It starts at the
 * identity.
 */
export function restoringPhotoConfiguration(options: {
  channels: 1 | 3;
  latents?: number | undefined;
  restoration: Restoration;
}): ModelConfiguration {
  const { channels, restoration } = options;
  const latents = options.latents ?? restoringLatents.photo[channels];
  checkLatents(latents, maxLatents);
  const transform: TransformConfiguration = { hidden: [], blocks: 4, blockHidden: 2 * latents };
  return {
    preset: "photo",
    channels,
    patch: { width: 4, height: 4 },
    fixedSize: false,
    analysisMargin: 6,
    synthesisMargin: 4,
    latents,
    activation: "hardSwish",
    analysis: transform,
    synthesis: transform,
    ...withoutCoding,
    restoration,
  };
}

/** A model that restores small pictures of one size. */
export function restoringVectorConfiguration(
  options: Parameters<typeof vectorConfiguration>[0] & { restoration: Restoration },
): ModelConfiguration {
  const { channels, width, height, restoration } = options;
  const latents = options.latents ?? Math.min(restoringLatents.vector, width * height * channels);
  return { ...vectorConfiguration({ ...options, latents }), ...withoutCoding, restoration };
}

/** Nothing is coded, so that the squared error is weighed against nothing. */
const withoutCoding = { prior: { kind: "none" }, lambda: { low: 1, high: 1 } } as const;

function checkLatents(latents: number, largest: number): void {
  if (!Number.isInteger(latents) || latents < 1 || latents > Math.min(largest, maxLatents)) {
    throw expected(`integer between 1 and ${Math.min(largest, maxLatents)}`, "latents", latents);
  }
}
