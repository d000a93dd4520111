import { bytesIn } from "../byte-source.js";
import { expected, IsthmusError, throwIfAborted } from "../errors.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import { loadKernels, relaxedSimdSupported } from "../kernels/instantiate.js";
import type { Model } from "../models/model.js";
import { Network } from "../models/network.js";
import { Breath } from "./breath.js";
import { checkTrainOptions } from "./check-options.js";
import { SavedTraining } from "./checkpoint.js";
import { Clock, gapOfCrops } from "./clock.js";
import { checkInputs } from "./damage.js";
import { digestOf } from "./image-digest.js";
import type { TrainOptions } from "./options.js";
import { planTraining, type TrainPlan, warningsOfPlan } from "./plan.js";
import { prepareSet } from "./prepared-set.js";
import { ProgressMeter } from "./progress-meter.js";
import type { WorkerSource } from "./team/remote-worker.js";
import { Team } from "./team/team.js";
import { Training } from "./training.js";

/**
 * Trains a model on images and returns it. Images should be what the sender will send: a few hundred of one kind are a good start.
 *
 * @throws IsthmusError `invalid-parameter`, `invalid-training-set`, `training-diverged`, `unsupported-engine`, `memory-exceeded` or `aborted`; for
 * `resume` also what is wrong with a checkpoint, `unsupported-version` among it. Once steps were taken, `onCheckpoint` has been called before with what
 * `resume` needs, unless the training diverged.
 */
export const train = (images: Iterable<Image>, options: TrainOptions = {}): Promise<Model> =>
  trainTogether(images, options, alone);

const alone: WorkerSource = { threads: 1, start: () => [] };

/** `train` on several threads, with the same result. */
export async function trainTogether(
  images: Iterable<Image>,
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
  const checked = Array.from(images, (image) => checkImage(image));
  // What can be read once only is read here.
  const inputs = options.inputs && checkInputs(checked, options.inputs);
  const given = {
    ...options,
    ...(inputs && { inputs }),
    validation: Array.from(options.validation ?? [], (image) => checkImage(image)),
    validationInputs: Array.from(options.validationInputs ?? [], (image) => checkImage(image)),
  };
  const plan = saved?.checkpoint.plan ?? planTraining(checked, given);
  for (const warning of [...warningsOfPlan(plan), ...warningsOfThreads(plan, workers)]) options.onWarning?.(warning);
  clock.gap = gapOfCrops(plan.crop);
  meter.plan = { batch: plan.batch, ...(plan.seconds !== undefined && { seconds: plan.seconds }) };
  meter.enter("start");
  const digest = await digestOf([checked, inputs ?? [], given.validation, given.validationInputs], breath);
  if (saved) checkSameImages(saved, checked, digest);
  const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
  const network = new Network(kernels, plan.configuration, { training: true });
  const set = await prepareSet(network, checked, plan, given);
  const team = new Team(network, plan, workers.start(Math.min(workers.threads, plan.shards) - 1), breath);
  try {
    const training = new Training(network, set, plan, options, { team, breath, clock, meter, digest });
    if (saved) training.restore(saved);
    else await training.start();
    return await training.runAndFinish();
  } catch (error) {
    throw isOutOfMemory(error) ? outOfMemory(error) : error;
  } finally {
    team.close();
  }
}

function checkSameImages({ checkpoint }: SavedTraining, images: readonly DecodedImage[], digest: string): void {
  const { count } = checkpoint.images;
  if (checkpoint.images.digest === digest) return;
  const received = count === images.length ? "others" : `${images.length}`;
  throw new IsthmusError(
    "invalid-training-set",
    `Expected the ${count} images of the checkpoint but received ${received}`,
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
