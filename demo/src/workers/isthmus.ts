import { type Image, type ModelFile, type RemoteIsthmus, type RemoteTrainOptions, wrap } from "isthmus";
import { withoutOpaqueAlpha } from "../pictures/alpha.js";
import { wholeModel } from "./photo-model.js";

const open = (): RemoteIsthmus =>
  wrap(new Worker(new URL("./isthmus.worker.ts", import.meta.url), { type: "module", name: "isthmus" }));

let shared: RemoteIsthmus | undefined;

/** The worker that encodes, decodes and measures; another one where it has failed. */
export function isthmus(): RemoteIsthmus {
  if (!shared || shared.failed) shared = open();
  return shared;
}

/** One by one, as they are sent. */
function* pixelsOf(images: readonly ImageData[]): Generator<Image> {
  for (const image of images) yield withoutOpaqueAlpha(image);
}

/** A training in a worker of its own. */
export interface Training {
  readonly model: Promise<ModelFile>;
  /** Ends it early; `model` is then what has been learnt so far. */
  finish(): void;
  /** Ends it at once, without a model. */
  drop(): void;
}

export type TrainSettings = Pick<
  RemoteTrainOptions,
  "minutes" | "preset" | "latents" | "hidden" | "learningRate" | "snapshotSeconds" | "resume" | "name"
> & { readonly fromDefault?: boolean };

export type TrainingListeners = Pick<RemoteTrainOptions, "onProgress" | "onWarning" | "onSnapshot" | "onCheckpoint">;

export function startTraining(
  images: readonly ImageData[],
  { fromDefault = false, ...settings }: TrainSettings,
  listeners: TrainingListeners,
): Training {
  const worker = open();
  const finisher = new AbortController();
  const train = async (): Promise<ModelFile> =>
    worker.train(pixelsOf(images), {
      snapshotSeconds: 8,
      checkpointSeconds: 10,
      ...settings,
      ...listeners,
      from: fromDefault ? await wholeModel() : null,
      finish: finisher.signal,
    });
  return {
    model: train().finally(() => worker.terminate()),
    finish: () => finisher.abort(),
    drop: () => worker.terminate(),
  };
}
