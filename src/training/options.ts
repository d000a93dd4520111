import { expected, IsthmusError } from "../errors.js";
import { colourChannels, type Image } from "../image/image.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import {
  type Likelihood,
  likelihoods,
  type ModelConfiguration,
  maxLatents,
  type Preset,
  photoConfiguration,
  presets,
  type Restoration,
  restoringPhotoConfiguration,
  restoringVectorConfiguration,
  sparseConfiguration,
  variationalConfiguration,
  vectorConfiguration,
} from "../models/configuration.js";
import { Model } from "../models/model.js";
import { isSparsity, type Sparsity } from "../nn/sparsity.js";
import type { Corruption } from "./corruptions/corruption.js";
import { parseCorruption } from "./corruptions/parse.js";
import { defaultOptimiser } from "./optimiser.js";
import { type PatchSide, patchSideFor, patchSides } from "./patch-size.js";
import { checkVariance, commonChannels, commonSize, prepareImages } from "./training-set.js";
import { configurationFrom } from "./transfer.js";

/** How far training has come. */
export interface TrainProgress {
  readonly phase: "start" | "train" | "finish";
  /** Steps done, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Means over the last steps: of lambda * MSE + bits a pixel, ... */
  readonly loss: number;
  /** ... of the rate, ... */
  readonly bitsPerPixel: number;
  /** ... and of the distortion in dB. */
  readonly psnr: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Where linear maps start. */
const starts = ["components", "pictures", "random"] as const;
export type Start = (typeof starts)[number];

export interface TrainOptions {
  /** Default: `vector` for grey images of one size up to 64 x 64, otherwise `photo`. */
  readonly preset?: Preset;
  /** Minutes to train for; the number of steps follows from the speed of the machine. Default 10. */
  readonly minutes?: number;
  /** Optimisation steps, instead of minutes. The same images, steps and seed give the same weights on machines of one kind. */
  readonly steps?: number;
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  /**
   * Start from a trained model's weights instead of the images' principal components; graph and preset are then taken from it. Where the
   * model knows related images, minutes of training do what hours would.
   */
  readonly from?: Model;
  /** Channels of the latent grid: the width of the neck. */
  readonly latents?: number;
  /** Side of the patches in pixels (photo). Default: 8, or 16 for grey images that are so smooth that it saves a fifth of the rate. */
  readonly patch?: PatchSide;
  /** Widths of the hidden layers of the analysis transform; the synthesis transform has them in reverse (vector, variational). */
  readonly hidden?: readonly number[];
  /** Of the hidden layers (vector, variational). Default hardSwish; for variational relu. */
  readonly activation?: Activation;
  /**
   * How pixels differ from their reconstruction (vector, variational): `gaussian` by squared error, `bernoulli` by binary cross-entropy, which suits
   * pictures of almost black and almost white. Default `gaussian`; `bernoulli` where the preset is variational and the images are grey.
   */
  readonly likelihood?: Likelihood;
  /** Weight of the divergence from the prior, above 0 and at most 1000 (variational). Default 1: the evidence lower bound. */
  readonly beta?: number;
  /** Share of the training, 0 to 1, over which the weight of the divergence rises from 0 to `beta` (variational). Default 0. */
  readonly warmUp?: number;
  /** Samples of the posterior that an image is weighed by, 1 to 1000 (variational): 1, the default, is a VAE, more make it importance-weighted. */
  readonly samples?: number;
  /** Draw each sample of the images black or white at every step, with its grey as the probability of white (variational). Default false. */
  readonly binarize?: boolean;
  /** Peak learning rate of Adam, above 0 and at most 1. Default 1e-3, where training starts `from` a model 7e-4. */
  readonly learningRate?: number;
  /** Told in a sentence what one should know of a plan that will be carried out all the same. */
  readonly onWarning?: (message: string) => void;
  /** How few units of the code are active (sparse). Default: the 25 largest stay. */
  readonly sparsity?: Sparsity;
  /**
   * Where the linear maps start: at the principal components of the images, which is the default; at training pictures themselves, from their
   * mean, which is that of the preset sparse, because each unit then is the nearest to something; or at random directions.
   */
  readonly start?: Start;
  /** Learn to restore what this corruption damages, instead of coding; the text is its name, as in `noise:25`. */
  readonly corrupt?: Corruption | string;
  /** Learn to restore `images` from these damaged pictures, each of the size of the image at its place, instead of coding. */
  readonly inputs?: Iterable<Image>;
  /** Images a step. */
  readonly batch?: number;
  /** Side of the training crops in pixels (photo). */
  readonly crop?: number;
  /** Lagrange multipliers of distortion against rate at quality 0 and 100. */
  readonly lambda?: { readonly low: number; readonly high: number };
  /** Stop when the loss on held-out images has not fallen for `patience` of its (about twenty) evaluations in the second half; the best weights are kept. */
  readonly earlyStop?: { readonly patience: number };
  /** The images that `earlyStop` holds out, none of which is among those trained on. Default: every tenth of those. */
  readonly validation?: Iterable<Image>;
  /** The damaged pictures of `validation`; wanted where there are `inputs`. */
  readonly validationInputs?: Iterable<Image>;
  /** For the model card. */
  readonly name?: string;
  readonly licence?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Ends the training early and in good order: once it is raised, `train` returns a model of what has been learnt so far. */
  readonly finish?: AbortSignal;
  /**
   * Called with a model of what has been learnt so far every `snapshotSeconds` (default 30), less often where that would take more than a tenth of
   * the time. The training goes on as it would without; the coding tables of such a model are rough.
   */
  readonly onSnapshot?: (model: Model) => void | Promise<void>;
  readonly snapshotSeconds?: number;
  /** Called with a checkpoint every `checkpointSeconds` (default 60) and once more when `signal` ends the training. */
  readonly onCheckpoint?: (bytes: Uint8Array) => void | Promise<void>;
  readonly checkpointSeconds?: number;
  /** A checkpoint to go on from. The options that shape the training are then taken from it. */
  readonly resume?: Uint8Array;
}

/** What is minimised in variational training. */
export interface VariationalPlan {
  readonly beta: number;
  readonly warmUp: number;
  readonly samples: number;
  readonly binarize: boolean;
}

/** The choices that decide what the weights will be; stored in checkpoints. */
export interface TrainPlan {
  readonly configuration: ModelConfiguration;
  readonly seed: number;
  readonly batch: number;
  readonly crop: number;
  readonly augment: boolean;
  /** 0 until the speed of the machine is known. */
  readonly steps: number;
  readonly patience: number;
  readonly start: Start;
  /** Peak learning rate, relative to the optimiser's. */
  readonly peak: number;
  readonly variational?: VariationalPlan;
  /** Parts that each batch is split into, see team/shards.ts; absent where it is not split. */
  readonly shards?: number;
}

const fullCrop = 192;
const fullBatch = 4;
/** A restoring model has four times as many cells for a pixel, and looks less far. */
const restoringCrop = 96;
const defaultSparsity: Sparsity = { kind: "k", active: 25 };
/** Weights that know something already would forget it at the full learning rate. */
const transferPeak = 0.7;
const variationalBatch = 128;
const largestVector = 64 * 64;

/** Fills in what the options leave open. Throws `invalid-parameter` or `invalid-training-set`. */
export function planTraining(images: readonly Image[], options: TrainOptions): TrainPlan {
  if (images.length === 0) {
    throw new IsthmusError("invalid-training-set", "Expected at least one image for training but received none");
  }
  checkOptions(options);
  const { from } = options;
  const preset = options.preset ?? from?.preset ?? choosePreset(images);
  const wanted = {
    ...configure(preset, images, options),
    ...(options.lambda ? { lambda: options.lambda } : {}),
  };
  const configuration = from ? configurationFrom(from, wanted) : wanted;
  if (options.latents !== undefined && options.latents !== configuration.latents) {
    throw expected(`${configuration.latents}, as in the model to start from,`, "latents", options.latents);
  }
  const fixed = configuration.fixedSize;
  // A codec of one picture is of use; nothing can be learnt of how pictures spread, or of what is missing from them.
  if (!codesAlone(configuration)) checkVariance(images, fixed);
  const patch = configuration.patch.width;
  const largestSide = images.reduce((most, { width, height }) => Math.max(most, width, height), 0);
  const full = configuration.restoration ? restoringCrop : fullCrop;
  const crop = Math.ceil((options.crop ?? Math.min(full, largestSide)) / patch) * patch;
  const { beta = 1, warmUp = 0, samples = 1, binarize = false, learningRate } = options;
  const variational = configuration.posterior && { beta, warmUp, samples, binarize };
  const batch = variational
    ? variationalBatch
    : fixed
      ? 64
      : Math.max(fullBatch, Math.min(64, Math.round((fullBatch * full ** 2) / crop ** 2)));
  return {
    configuration,
    seed: options.seed ?? 0,
    batch: options.batch ?? batch,
    crop: fixed ? 0 : crop,
    augment: !fixed,
    steps: options.steps ?? 0,
    patience: options.earlyStop?.patience ?? 0,
    start: options.start ?? (configuration.sparsity ? "pictures" : "components"),
    peak: learningRate === undefined ? (from ? transferPeak : 1) : learningRate / defaultOptimiser.learningRate,
    ...(variational && { variational }),
  };
}

/** True for models that learn nothing but to code. */
const codesAlone = ({ posterior, sparsity, restoration }: ModelConfiguration): boolean =>
  !posterior && !sparsity && !restoration;

function configure(preset: Preset, images: readonly Image[], options: TrainOptions): ModelConfiguration {
  const { latents, patch, hidden, activation, likelihood } = options;
  const restoration = restorationOf(options);
  if (restoration) return configureRestoring(preset, images, options, restoration);
  const channels = commonChannels(images, preset !== "photo");
  if (preset !== "photo") {
    if (patch !== undefined) throw expected(`nothing, with preset ${preset},`, "patch", patch);
    const common = { channels, latents, hidden, activation, likelihood, ...commonSize(images) };
    if (preset === "sparse") return sparseConfiguration({ ...common, sparsity: options.sparsity ?? defaultSparsity });
    if (preset === "variational") return variationalConfiguration({ ...common, beta: options.beta ?? 1 });
    return vectorConfiguration(common);
  }
  for (const [name, value] of Object.entries({ hidden, activation, likelihood })) {
    if (value !== undefined) throw expected("nothing, with preset photo,", name, String(value));
  }
  return photoConfiguration({
    channels: colourChannels(channels),
    patch: patch ?? startingPatch(options) ?? (channels === 1 ? patchSideFor(prepareImages(images, 1)) : undefined),
    latents,
  });
}

/** The patches of the photo model to start from; what is wrong with others is told later. */
const startingPatch = ({ from }: TrainOptions): number | undefined =>
  from instanceof Model && from.preset === "photo" ? from.configuration.patch.width : undefined;

function configureRestoring(
  preset: Preset,
  images: readonly Image[],
  { latents, hidden, activation, inputs }: TrainOptions,
  restoration: Restoration,
): ModelConfiguration {
  if (preset === "sparse") throw expected("photo or vector, to restore pictures,", "preset", preset);
  const channels = colourChannels(commonChannels([...images, ...(inputs ?? [])], false));
  if (preset === "photo") return restoringPhotoConfiguration({ channels, latents, restoration });
  return restoringVectorConfiguration({ channels, latents, hidden, activation, ...commonSize(images), restoration });
}

/** What the options want restored; undefined where pictures are to be coded. */
export function restorationOf({ corrupt, inputs }: TrainOptions): Restoration | undefined {
  if (inputs) {
    if (corrupt !== undefined) throw expected("either corrupt or inputs", "training", "both");
    return { corruption: "pairs", scale: 1 };
  }
  if (corrupt === undefined) return undefined;
  const { name, scale = 1 } = corruptionOf(corrupt);
  return { corruption: name, scale };
}

export const corruptionOf = (corrupt: Corruption | string): Corruption =>
  typeof corrupt === "string" ? parseCorruption(corrupt) : corrupt;

function choosePreset(images: readonly Image[]): Preset {
  const { width, height } = images[0];
  const oneSize = images.every((image) => image.width === width && image.height === height);
  return oneSize && width * height <= largestVector && commonChannels(images, true) === 1 ? "vector" : "photo";
}

function checkOptions(options: TrainOptions): void {
  const { preset, minutes, steps, seed, patch, batch, crop, lambda, earlyStop, hidden, activation, likelihood } =
    options;
  const integer = (value: unknown, low: number, high: number): boolean =>
    value === undefined || (Number.isInteger(value) && (value as number) >= low && (value as number) <= high);
  if (preset !== undefined && !presets.includes(preset)) {
    throw expected(`one of ${presets.join(", ")}`, "preset", preset);
  }
  if (options.sparsity !== undefined) {
    if (preset !== "sparse") throw expected("nothing, but with preset sparse,", "sparsity", options.sparsity);
    if (!isSparsity(options.sparsity, maxLatents)) {
      throw expected(
        "{ kind: k, active }, { kind: l1, weight } or { kind: kl, activity, weight }",
        "sparsity",
        JSON.stringify(options.sparsity),
      );
    }
  }
  if (options.start !== undefined && !starts.includes(options.start)) {
    throw expected(`one of ${starts.join(", ")}`, "start", options.start);
  }
  if (
    hidden !== undefined &&
    !(Array.isArray(hidden) && hidden.length <= 8 && hidden.every((width) => integer(width, 1, 65536)))
  ) {
    throw expected("at most 8 integers between 1 and 65536", "hidden", String(hidden));
  }
  if (activation !== undefined && !Object.hasOwn(activationNumber, activation)) {
    throw expected(`one of ${Object.keys(activationNumber).join(", ")}`, "activation", activation);
  }
  if (likelihood !== undefined && !likelihoods.includes(likelihood)) {
    throw expected('"gaussian" or "bernoulli"', "likelihood", likelihood);
  }
  if (minutes !== undefined && !(minutes > 0 && minutes <= 60 * 24 * 30)) {
    throw expected("a number between 0 and 43200", "minutes", minutes);
  }
  if (minutes !== undefined && steps !== undefined) throw expected("either minutes or steps", "training", "both");
  if (!integer(steps, 1, 1e9)) throw expected("integer between 1 and 1000000000", "steps", steps);
  if (!integer(seed, -(2 ** 31), 2 ** 32 - 1)) throw expected("a 32-bit integer", "seed", seed);
  if (patch !== undefined && !patchSides.includes(patch)) throw expected(patchSides.join(" or "), "patch", patch);
  if (!integer(batch, 1, 4096)) throw expected("integer between 1 and 4096", "batch", batch);
  if (!integer(crop, 8, 4096)) throw expected("integer between 8 and 4096", "crop", crop);
  if (!integer(earlyStop?.patience, 1, 1000))
    throw expected("integer between 1 and 1000", "earlyStop.patience", earlyStop?.patience);
  checkVariational(options);
  if (lambda && !(lambda.low > 0 && lambda.high >= lambda.low && Number.isFinite(lambda.high))) {
    throw expected("0 < low <= high", "lambda", `${lambda.low} .. ${lambda.high}`);
  }
}

/** Which variational options are out of range, or out of place. */
function checkVariational({ preset, from, beta, warmUp, samples, binarize, learningRate }: TrainOptions): void {
  const within = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (value >= low && value <= high);
  if (!within(beta, Number.MIN_VALUE, 1000)) throw expected("a number above 0 and at most 1000", "beta", beta);
  if (!within(warmUp, 0, 1)) throw expected("a number between 0 and 1", "warmUp", warmUp);
  if (!within(samples, 1, 1000) || !Number.isInteger(samples ?? 1)) {
    throw expected("an integer between 1 and 1000", "samples", samples);
  }
  if (binarize !== undefined && typeof binarize !== "boolean") throw expected("a boolean", "binarize", binarize);
  if (!within(learningRate, Number.MIN_VALUE, 1)) {
    throw expected("a number above 0 and at most 1", "learningRate", learningRate);
  }
  if ((samples ?? 1) > 1 && (beta ?? 1) !== 1) throw expected("1, where samples are weighed,", "beta", beta);
  if ((samples ?? 1) > 1 && (warmUp ?? 0) > 0) throw expected("0, where samples are weighed,", "warmUp", warmUp);
  if ((preset ?? from?.preset) === "variational") return;
  for (const [name, value] of Object.entries({ beta, warmUp, samples, binarize })) {
    if (value !== undefined) throw expected("preset variational", name, value);
  }
}

/** What a person should know of a plan, in a sentence each. */
export function warningsOfPlan({ configuration }: TrainPlan): string[] {
  const { latents, patch, channels, sparsity, restoration } = configuration;
  const samples = patch.width * patch.height * channels;
  if (latents < samples || sparsity || restoration) return [];
  return [
    `${latents} latents for ${samples} samples a picture: the neck is not undercomplete, so that it need not learn anything`,
  ];
}
