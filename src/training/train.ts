import { bytesIn } from "../ground/byte-source.js";
import { expected, IsthmusError, throwIfAborted } from "../ground/errors.js";
import { loadKernels, relaxedSimdSupported } from "../kernels/instantiate.js";
import type { Model } from "../models/model.js";
import { Network } from "../models/network.js";
import { Breath } from "./breath.js";
import { checkTrainOptions } from "./check-options.js";
import { SavedTraining } from "./checkpoint.js";
import { Clock, gapOfCrops } from "./clock.js";
import { checkInputs } from "./damage.js";
import { type CheckedSource, checkSource, isLazy, type TrainingSource, usualImageMemory } from "./gallery.js";
import { digestOf } from "./image-digest.js";
import { losslessWarnings, withLosslessShare } from "./lossless-share.js";
import { planTraining, type TrainPlan, warningsOfPlan } from "./plan.js";
import { type GivenSet, prepareSet } from "./prepared-set.js";
import { ProgressMeter } from "./progress-meter.js";
import { factsOf } from "./set-facts.js";
import type { WorkerSource } from "./team/remote-worker.js";
import { Team } from "./team/team.js";
import type { TrainOptions } from "./train-options.js";
import { Training } from "./training.js";
import { startOf } from "./usual-start.js";

/**
 * Trains a model on images and returns it. Images should be what the sender will send: a few hundred of one kind are a good start.
 *
 * @throws IsthmusError `invalid-parameter`, `invalid-training-set`, `training-diverged`, `unsupported-engine`, `memory-exceeded` or `aborted`; for
 * `resume` also what is wrong with a checkpoint, `unsupported-version` among it. Once steps were taken, `onCheckpoint` has been called before with what
 * `resume` needs, unless the training diverged.
 */
export const train = (images: Iterable<TrainingSource>, options: TrainOptions = {}): Promise<Model> =>
  trainTogether(images, options, alone);

const alone: WorkerSource = { threads: 1, start: () => [] };

/** `train` on several threads, with the same result. */
export async function trainTogether(
  images: Iterable<TrainingSource>,
  options: TrainOptions,
  workers: WorkerSource,
): Promise<Model> {
  checkTrainOptions(options);
  throwIfAborted(options.signal);
  if (!(Symbol.iterator in Object(images))) throw expected("an array of images", "images", images);
  const clock = new Clock((seconds) => options.onWarning?.(leapText(seconds)));
  const meter = new ProgressMeter(clock, options.onProgress);
  const breath = new Breath(options.signal, () => {
    clock.tick();
    meter.look();
  });
  const saved = options.resume && SavedTraining.read(bytesIn(options.resume, "resume"));
  const given = checkSet(images, options);
  const { maxImageMemory = usualImageMemory } = options;
  meter.enter("start");
  const { plan, from } = saved ? { plan: saved.checkpoint.plan } : await planFor(given, options, breath);
  for (const warning of [...warningsOfPlan(plan), ...warningsOfThreads(plan, workers)]) options.onWarning?.(warning);
  clock.gap = gapOfCrops(plan.crop);
  meter.plan = { batch: plan.batch, ...(plan.seconds !== undefined && { seconds: plan.seconds }) };
  const { inputs = [], validation, validationInputs = [] } = given;
  const digest = await digestOf([given.images, inputs, validation, validationInputs], breath);
  if (saved) checkSameImages(saved, given.images.length, digest);
  const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
  const network = new Network(kernels, plan.configuration, { training: true });
  const set = await prepareSet(network, given, plan, options, maxImageMemory, breath);
  const team = new Team(network, plan, workers.start(Math.min(workers.threads, plan.shards) - 1), breath);
  try {
    const training = await Training.create(network, set, plan, options, {
      team,
      breath,
      clock,
      meter,
      digest,
      maxImageMemory,
    });
    if (saved) training.restore(saved);
    else await training.start(from);
    return await training.runAndFinish();
  } catch (error) {
    throw isOutOfMemory(error) ? outOfMemory(error) : error;
  } finally {
    team.close();
  }
}

/** Everything that can be read once only, checked. */
function checkSet(images: Iterable<TrainingSource>, options: TrainOptions): GivenSet {
  const checked = (sources: Iterable<TrainingSource>): CheckedSource[] => Array.from(sources, checkSource);
  const given = {
    images: checked(images),
    inputs: options.inputs && checked(options.inputs),
    validation: checked(options.validation ?? []),
    validationInputs: options.inputs && checked(options.validationInputs ?? []),
  };
  if (given.inputs) checkInputs(given.images, given.inputs);
  if (given.validationInputs) checkInputs(given.validation, given.validationInputs);
  return given;
}

async function planFor(given: GivenSet, options: TrainOptions, breath: Breath) {
  const facts = await withLosslessShare(await factsOf(given.images, breath), given.images, options, breath);
  const inputs = given.inputs && (await factsOf(given.inputs, breath));
  const from = await startOf(facts, options);
  const plan = planTraining(facts, { ...options, ...(from && { from }) }, inputs);
  for (const warning of losslessWarnings(facts, plan)) options.onWarning?.(warning);
  const { maxImageMemory = usualImageMemory } = options;
  if (!given.images.some(isLazy) || plan.configuration.posterior) return { plan, from };
  const pixels = facts.sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  const bytes = pixels * plan.configuration.channels * (plan.configuration.restoration ? 2 : 1);
  const room = Math.floor((facts.sizes.length * maxImageMemory) / bytes);
  // One more is decoded meanwhile.
  return { plan: room < facts.sizes.length ? { ...plan, atOnce: Math.max(1, room - 1) } : plan, from };
}

function checkSameImages({ checkpoint }: SavedTraining, received: number, digest: string): void {
  const { images } = checkpoint;
  if (images.digest === digest) return;
  throw new IsthmusError(
    "invalid-training-set",
    `Expected the ${images.count} images of the checkpoint but received ${received === images.count ? "others" : received}`,
  );
}

function warningsOfThreads({ shards, configuration: { sparsity } }: TrainPlan, { threads }: WorkerSource): string[] {
  if (threads === 1 || shards > 1) return [];
  const reason =
    sparsity?.kind === "kl" ? "the penalty kl is one on whole batches" : "its batches are too small to be split";
  return [`This training runs on one thread: ${reason}`];
}

const leapText = (seconds: number): string =>
  `The clock leapt by ${Math.round(seconds)} seconds, which are not counted: the machine slept, or the process was stopped`;

/** Engines raise a plain RangeError where an array finds no memory. */
const isOutOfMemory = (error: unknown): boolean =>
  error instanceof RangeError && /memory|allocation|array (buffer|length)/i.test(error.message);

const outOfMemory = (cause: unknown): IsthmusError =>
  new IsthmusError("memory-exceeded", "Expected more memory for this training but the engine has no more of it", {
    cause,
  });
