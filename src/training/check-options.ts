import { expected } from "../ground/errors.js";
import {
  aBoolean,
  aFunction,
  aNumber,
  anObject,
  anything,
  aSignal,
  aText,
  checkOptions as checkKinds,
  type OptionTable,
} from "../ground/option-table.js";
import { activationNumber } from "../kernels/interface.js";
import { likelihoods, maxLatents, presets, tunes } from "../models/configuration.js";
import type { RecordedSchedule } from "../models/model.js";
import { isSparsity } from "../nn/sparsity.js";
import { patchSides } from "./patch-size.js";
import { stairs } from "./schedule.js";
import { starts, type TrainOptions } from "./train-options.js";

/** What each option of training may be; ranges, and what goes together, are looked at below. */
const kinds: OptionTable<TrainOptions> = {
  preset: anything,
  tune: anything,
  schedule: anything,
  minutes: aNumber,
  steps: aNumber,
  seed: aNumber,
  from: anything,
  difference: aNumber,
  latents: aNumber,
  patch: aNumber,
  hidden: anything,
  activation: anything,
  likelihood: anything,
  beta: aNumber,
  warmUp: aNumber,
  samples: aNumber,
  binarize: aBoolean,
  learningRate: aNumber,
  onWarning: aFunction,
  sparsity: anything,
  start: anything,
  corrupt: anything,
  inputs: anything,
  batch: aNumber,
  crop: aNumber,
  lambda: anObject,
  earlyStop: anObject,
  validation: anything,
  validationInputs: anything,
  maxImageMemory: aNumber,
  name: aText,
  licence: aText,
  signal: aSignal,
  onProgress: aFunction,
  finish: aSignal,
  onSnapshot: aFunction,
  snapshotSeconds: aNumber,
  onCheckpoint: aFunction,
  checkpointSeconds: aNumber,
  resume: anything,
};

/** Throws `invalid-parameter` for options of training that do not exist, or are of another kind. */
export const checkTrainOptions = (options: TrainOptions): TrainOptions => checkKinds(options, kinds, "train");

/** Which options of training are out of range, or do not go together. Throws `invalid-parameter`. */
export function checkOptions(options: TrainOptions): void {
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
  if (options.tune !== undefined && !tunes.includes(options.tune)) {
    throw expected(`one of ${tunes.join(", ")}`, "tune", options.tune);
  }
  if (minutes !== undefined && !(minutes > 0 && minutes <= 60 * 24 * 30)) {
    throw expected("a number above 0 and at most 43200", "minutes", minutes);
  }
  if (minutes !== undefined && steps !== undefined) throw expected("either minutes or steps", "training", "both");
  if (!integer(steps, 1, 1e9)) throw expected("integer between 1 and 1000000000", "steps", steps);
  if (options.schedule !== undefined) checkSchedule(options.schedule, steps);
  if (!integer(seed, -(2 ** 31), 2 ** 32 - 1)) throw expected("a 32-bit integer", "seed", seed);
  if (patch !== undefined && !patchSides.includes(patch)) throw expected(patchSides.join(" or "), "patch", patch);
  if (!integer(options.maxImageMemory, 1, Number.MAX_SAFE_INTEGER)) {
    throw expected("an integer above 0", "maxImageMemory", options.maxImageMemory);
  }
  if (options.difference !== 0 && !integer(options.difference, 3000, 1e9)) {
    throw expected("0, or an integer between 3000 and 1000000000", "difference", options.difference);
  }
  if (!integer(batch, 1, 4096)) throw expected("integer between 1 and 4096", "batch", batch);
  if (!integer(crop, 8, 4096)) throw expected("integer between 8 and 4096", "crop", crop);
  if (!integer(earlyStop?.patience, 1, 1000))
    throw expected("integer between 1 and 1000", "earlyStop.patience", earlyStop?.patience);
  checkVariational(options);
  if (lambda && !(lambda.low > 0 && lambda.high >= lambda.low && Number.isFinite(lambda.high))) {
    throw expected("0 < low <= high", "lambda", `${lambda.low} .. ${lambda.high}`);
  }
}

function checkSchedule({ firstSteps, tableCrops }: RecordedSchedule, steps: number | undefined): void {
  if (steps === undefined) throw expected("the number of its steps, as steps,", "schedule", "none");
  const ascending =
    Array.isArray(firstSteps) &&
    firstSteps.length > 0 &&
    firstSteps.length <= stairs &&
    firstSteps.every((step, i) => Number.isInteger(step) && step >= (i === 0 ? 0 : firstSteps[i - 1]));
  if (!ascending)
    throw expected(`1 to ${stairs} ascending numbers of steps`, "schedule.firstSteps", String(firstSteps));
  if (!Number.isInteger(tableCrops) || tableCrops < 0) throw expected("an integer", "schedule.tableCrops", tableCrops);
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
