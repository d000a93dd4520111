import { tuneOf } from "../models/configuration.js";
import { expectedTensors } from "../models/network.js";
import { storageOf } from "../models/storage.js";
import type { Storage } from "../nn/parameters.js";
import { planTraining } from "../training/plan.js";
import type { SetFacts } from "../training/set-facts.js";
import type { TrainOptions } from "../training/train-options.js";
import { nameOf } from "./codecs.js";
import { bytesText, duration } from "./format.js";
import { fewestToHoldBack, type TrainingSet } from "./hold-back.js";

/** Below this, a person should know that more images would help. */
const comfortable = 100;
/** As coded. */
const bytesOfWeight = (storage: Storage): number =>
  typeof storage === "object" ? (Math.log2(storage.largest) + 0.3) / 8 : { float16: 1.7, float32: 2.5 }[storage];
/** Of a weight that only senders have, as the difference to the parent's. */
const bytesOfChange = 0.6;
/** What a file holds beside the weights, most of it coding tables. */
const otherBytes = 20_000;

/** What a training set makes one expect that a person might not: one sentence each. */
export function warningsOf({ training, validation, copies, plain }: TrainingSet): string[] {
  const images = training.length + validation.length;
  const warnings: string[] = [];
  if (plain === images) {
    warnings.push("every image is one plain colour: the model will know nothing else");
  } else if (plain > 0) {
    warnings.push(`${plain} of ${images} images are one plain colour, from which nothing is learnt`);
  }
  if (copies > 0) {
    warnings.push(`${copies} of ${images} images are exact copies of others: none of these is held back`);
  }
  if (images === 1) {
    warnings.push("one image: the model will know it by heart, and others badly; nothing is held back to judge by");
  } else if (images < fewestToHoldBack) {
    warnings.push(
      `${images} images are too few to hold any back: the model may know them by heart, and nothing tells how it does on others; ` +
        "a few hundred of one kind are a good start",
    );
  } else if (validation.length === 0) {
    warnings.push("no image is held back, since all are copies: nothing tells how the model does on others");
  } else if (images < comfortable) {
    warnings.push(`${images} images are few: a few hundred of one kind are a good start`);
  }
  return warnings;
}

/** What will be done, in a line. Throws as `planTraining`. */
export function announcement({ training, validation }: TrainingSet, facts: SetFacts, options: TrainOptions): string {
  const { configuration, difference, peak } = planTraining(facts, options);
  const all = expectedTensors(configuration, "all").reduce(
    (sum, tensor) => sum + tensor.count * bytesOfWeight(storageOf(tensor)),
    otherBytes,
  );
  const weights = (part: "all" | "receiver"): number =>
    expectedTensors(configuration, part).reduce((sum, { count }) => sum + count, 0);
  const bytes = difference ? difference + bytesOfChange * (weights("all") - weights("receiver")) : all;
  const length =
    options.steps === undefined ? `${duration((options.minutes ?? 10) * 60)} of training` : `${options.steps} steps`;
  const early = validation.length > 0 ? ", less where nothing improves any more" : "";
  const split =
    validation.length > 0 ? `${training.length} to learn from, ${validation.length} held back to judge by` : "";
  if (peak === 0) {
    const kept = `the network of ${nameOf(options.from!.id)} as it is, and what the coder of few colours and of alpha starts from`;
    return [...(split ? [split] : []), kept].join("; ");
  }
  return [
    ...(split ? [split] : []),
    `preset ${configuration.preset}, tune ${tuneOf(configuration)}, a model of about ${(bytes / 1e6).toPrecision(2)} MB`,
    ...(difference ? [`of it about ${bytesText(difference)} for receivers, as the difference to its parent`] : []),
    ...(configuration.sparsity ? [`sparse by ${JSON.stringify(configuration.sparsity)}`] : []),
    ...(configuration.restoration ? [`to restore (${configuration.restoration.corruption})`] : []),
    ...(options.from ? [`starting from model ${options.from.id}`] : []),
    `${length}${early}`,
  ].join("; ");
}
