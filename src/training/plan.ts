import { pointOver } from "../distortion/weights.js";
import { expected } from "../ground/errors.js";
import {
  coarsestPatch,
  type ModelConfiguration,
  type Preset,
  type Restoration,
  type Tune,
  tuneOf,
} from "../models/configuration.js";
import { Model, type RecordedSchedule } from "../models/model.js";
import {
  photoConfiguration,
  restoringPhotoConfiguration,
  restoringVectorConfiguration,
  sparseConfiguration,
  variationalConfiguration,
  vectorConfiguration,
} from "../models/presets.js";
import type { Sparsity } from "../nn/sparsity.js";
import { checkOptions } from "./check-options.js";
import type { Corruption } from "./corruptions/corruption.js";
import { parseCorruption } from "./corruptions/parse.js";
import { mayRest } from "./lossless-share.js";
import { defaultOptimiser, isCodecOfPhotos } from "./optimiser.js";
import { checkVariance, commonSize, isOneSize, type SetFacts } from "./set-facts.js";
import { shardsFor } from "./team/shards.js";
import type { Start, TrainOptions } from "./train-options.js";
import { configurationFrom, isParentOf, rootOf } from "./transfer.js";

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
  /** 0 where the clock ends the training. */
  readonly steps: number;
  /** Seconds, from the call to the model, of a training that follows the clock. */
  readonly seconds?: number;
  /** The schedule of an earlier training by the clock, which this one repeats. */
  readonly schedule?: RecordedSchedule;
  readonly patience: number;
  readonly start: Start;
  /** Peak learning rate, relative to the optimiser's; 0 where the network stays as it is: see `mayRest`. */
  readonly peak: number;
  readonly variational?: VariationalPlan;
  /** Parts that each batch is split into, see team/shards.ts. */
  readonly shards: number;
  /** Most bytes of the receiver's half as the difference to the model that the training starts from; absent where the model will stand alone. */
  readonly difference?: number;
  /** Images that crops are drawn from at a time, where memory has no room for all: see `Sampler`. */
  readonly atOnce?: number;
}

const usualMinutes = 10;
/** Below this, a person who trains a variational model of colour pictures is told. */
const secondsForColour = 3600;
const fullCrop = 192;
const fullBatch = 4;
/** A restoring model has four times as many cells for a pixel, and looks less far. */
const restoringCrop = 96;
const defaultSparsity: Sparsity = { kind: "k", active: 25 };
/**
 * Peak learning rates, relative to the optimiser's: from nothing, and where weights know something already, which they would forget at the full one. Steps
 * of SOAP bear higher ones: see docs/decisions/0047.
 */
const usualPeaks = { start: 1, transfer: 0.7 };
const soapPeaks = { start: 4, transfer: 1.5 };
/** Bytes: see docs/decisions/0054. */
const usualDifference = 40_000;
const variationalBatch = 128;
const largestVector = 64 * 64;

/**
 * Fills in what the options leave open. `inputs`: of the pictures to restore from, where there are such. Throws `invalid-parameter` or
 * `invalid-training-set`.
 */
export function planTraining(facts: SetFacts, options: TrainOptions, inputs?: SetFacts): TrainPlan {
  checkOptions(options);
  const { from } = options;
  const { sizes } = facts;
  const rests = from ? mayRest(facts, options) : false;
  const { configuration, difference } = rests
    ? { configuration: from!.configuration, difference: usualDifference }
    : graphOf(facts, options, inputs);
  if (options.latents !== undefined && options.latents !== configuration.latents) {
    throw expected(`${configuration.latents}, as in the model to start from,`, "latents", options.latents);
  }
  const fixed = configuration.fixedSize;
  // A codec of one picture is of use; nothing can be learnt of how pictures spread, or of what is missing from them.
  if (!codesAlone(configuration)) checkVariance(facts, fixed);
  const patch = coarsestPatch(configuration).width;
  const largestSide = sizes.reduce((most, { width, height }) => Math.max(most, width, height), 0);
  const full = configuration.restoration ? restoringCrop : fullCrop;
  const crop = Math.ceil((options.crop ?? Math.min(full, largestSide)) / patch) * patch;
  const { beta = 1, warmUp = 0, samples = 1, binarize = false } = options;
  const variational = configuration.posterior && { beta, warmUp, samples, binarize };
  const batch = variational
    ? variationalBatch
    : fixed
      ? 64
      : Math.max(fullBatch, Math.min(64, Math.round((fullBatch * full ** 2) / crop ** 2)));
  const plan = {
    configuration,
    seed: options.seed ?? 0,
    batch: rests ? 1 : (options.batch ?? batch),
    crop: fixed ? 0 : crop,
    augment: !fixed,
    steps: rests ? 1 : (options.steps ?? 0),
    ...(options.steps === undefined && !rests && { seconds: (options.minutes ?? usualMinutes) * 60 }),
    ...(options.schedule && { schedule: options.schedule }),
    patience: options.earlyStop?.patience ?? 0,
    start: options.start ?? (configuration.sparsity ? "pictures" : "components"),
    peak: rests ? 0 : peakOf(configuration, options),
    ...(variational && { variational }),
    ...(difference && { difference }),
  };
  return { ...plan, shards: shardsFor(plan) };
}

/** What is trained, and how many bytes it may become as the difference to another model. */
function graphOf(facts: SetFacts, options: TrainOptions, inputs: SetFacts | undefined) {
  const { from } = options;
  const preset = options.preset ?? from?.preset ?? choosePreset(facts, options);
  const wanted = overRange(configure(preset, facts, options, inputs), options.lambda);
  const begun = from ? configurationFrom(from, wanted) : wanted;
  const difference = differenceOf(begun, options);
  return { configuration: from && difference ? besideRoot(from, begun, options) : begun, difference };
}

/** Bytes of the difference that the model becomes; 0 where it will stand alone. Throws `invalid-parameter` where a difference is asked for and cannot be. */
function differenceOf(configuration: ModelConfiguration, { from, difference }: TrainOptions): number {
  if (difference === 0) return 0;
  if (from && isCodecOfPhotos(configuration) && isParentOf(from, configuration)) {
    // For another tune the synthesis, too, has much to learn.
    const sameTune = tuneOf(configuration) === tuneOf(rootOf(from).configuration);
    return difference ?? (sameTune ? usualDifference : 0);
  }
  if (difference === undefined) return 0;
  throw expected("0, without a codec of photos of the same architecture to start from,", "difference", difference);
}

/** A difference keeps the levels of its parent's weights, and where nothing else is asked for its range of qualities: other ones would change most weights. */
function besideRoot(from: Model, configuration: ModelConfiguration, options: TrainOptions): ModelConfiguration {
  const { weightLevels, lambda, ssimulacra2 } = rootOf(from).configuration;
  const sameRange = !options.lambda && tuneOf(configuration) === tuneOf(rootOf(from).configuration);
  const { weightLevels: _, ...rest } = configuration;
  return {
    ...rest,
    ...(weightLevels && { weightLevels }),
    ...(sameRange && { lambda, ...(ssimulacra2 && { ssimulacra2 }) }),
  };
}

function peakOf(configuration: ModelConfiguration, { from, learningRate }: TrainOptions): number {
  if (learningRate !== undefined) return learningRate / defaultOptimiser.learningRate;
  const { start, transfer } = isCodecOfPhotos(configuration) ? soapPeaks : usualPeaks;
  return from ? transfer : start;
}

/** The configuration with another range of lambda, in which a point of the score is worth what it was at each lambda. */
function overRange(configuration: ModelConfiguration, lambda: TrainOptions["lambda"]): ModelConfiguration {
  if (!lambda) return configuration;
  const { ssimulacra2, lambda: usual } = configuration;
  if (!ssimulacra2) return { ...configuration, lambda };
  return {
    ...configuration,
    lambda,
    ssimulacra2: { ...ssimulacra2, point: pointOver(ssimulacra2.point, usual, lambda) },
  };
}

/** True for models that learn nothing but to code. */
const codesAlone = ({ posterior, sparsity, restoration }: ModelConfiguration): boolean =>
  !posterior && !sparsity && !restoration;

function configure(
  preset: Preset,
  facts: SetFacts,
  options: TrainOptions,
  inputs: SetFacts | undefined,
): ModelConfiguration {
  const { latents, patch, hidden, activation, likelihood } = options;
  const restoration = restorationOf(options);
  if (options.tune === "ssimulacra2" && (restoration || preset !== "photo")) {
    throw expected(`psnr, with ${restoration ? "a model that restores" : `preset ${preset}`},`, "tune", options.tune);
  }
  if (restoration) return configureRestoring(preset, facts, options, restoration, inputs);
  const colours = facts.grey ? (1 as const) : (3 as const);
  if (preset !== "photo") {
    if (patch !== undefined) throw expected(`nothing, with preset ${preset},`, "patch", patch);
    const channels: 1 | 3 | 4 = facts.alpha ? 4 : colours;
    const common = { channels, latents, hidden, activation, likelihood, ...commonSize(facts.sizes) };
    if (preset === "sparse") return sparseConfiguration({ ...common, sparsity: options.sparsity ?? defaultSparsity });
    if (preset === "variational") return variationalConfiguration({ ...common, beta: options.beta ?? 1 });
    return vectorConfiguration(common);
  }
  for (const [name, value] of Object.entries({ hidden, activation, likelihood })) {
    if (value !== undefined) throw expected("nothing, with preset photo,", name, String(value));
  }
  return photoConfiguration({
    channels: colours,
    patch: patch ?? startingPatch(options) ?? facts.patchSide,
    latents,
    tune: options.tune ?? tuneFor(facts),
    chroma: chromaFor(options),
  });
}

/** A difference has the windows of its parent; others those of their tune. */
const chromaFor = ({ from, difference }: TrainOptions): "half" | "full" | undefined =>
  from instanceof Model && difference !== 0 ? (from.configuration.chroma ?? "full") : undefined;

/** Below this side SSIMULACRA 2 has less than three of its six scales, and says little. */
const smallestScored = 32;

const tuneFor = ({ sizes }: SetFacts): Tune =>
  sizes.every(({ width, height }) => Math.min(width, height) >= smallestScored) ? "ssimulacra2" : "psnr";

/** The patches of the photo model to start from; what is wrong with others is told later. */
const startingPatch = ({ from }: TrainOptions): number | undefined =>
  from instanceof Model && from.preset === "photo" ? from.configuration.patch.width : undefined;

function configureRestoring(
  preset: Preset,
  { sizes, grey }: SetFacts,
  { latents, hidden, activation }: TrainOptions,
  restoration: Restoration,
  inputs: SetFacts | undefined,
): ModelConfiguration {
  if (preset === "sparse") throw expected("photo or vector, to restore pictures,", "preset", preset);
  const channels = grey && (inputs?.grey ?? true) ? 1 : 3;
  if (preset === "photo") return restoringPhotoConfiguration({ channels, latents, restoration });
  return restoringVectorConfiguration({ channels, latents, hidden, activation, ...commonSize(sizes), restoration });
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

function choosePreset(facts: SetFacts, options: TrainOptions): Preset {
  const { sizes, alpha, grey } = facts;
  if (mayRest(facts, options)) return "photo";
  const [{ width, height }] = sizes;
  return isOneSize(sizes) && width * height <= largestVector && grey && !alpha ? "vector" : "photo";
}

/** What a person should know of a plan, in a sentence each. */
export function warningsOfPlan({ configuration, seconds = Number.POSITIVE_INFINITY }: TrainPlan): string[] {
  const { latents, patch, channels, fixedSize, sparsity, restoration, posterior } = configuration;
  const samples = patch.width * patch.height * channels;
  if (posterior && channels > 1 && seconds < secondsForColour) {
    return [
      `Variational models of colour pictures take hours: what is drawn from this one after ${Math.ceil(seconds / 60)} minutes may be little but noise`,
    ];
  }
  // The neck of a picture of many cells is its rate.
  if (latents < samples || !fixedSize || sparsity || restoration) return [];
  return [
    `${latents} latents for ${samples} samples a picture: the neck is not undercomplete, so that it need not learn anything`,
  ];
}
