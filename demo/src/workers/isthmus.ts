import { proxy, type Remote, wrap } from "comlink";
import type { TrainProgress } from "isthmus";
import type { EncodeSettings, IsthmusApi, TrainSettings } from "./isthmus.worker.js";

export type { EncodeSettings, TrainSettings };

const newWorker = () =>
  new Worker(new URL("./isthmus.worker.ts", import.meta.url), { type: "module", name: "isthmus" });

let shared: Remote<IsthmusApi> | undefined;
let lastJob = 0;

/** The worker that encodes, decodes and measures. */
export function isthmus(): Remote<IsthmusApi> {
  shared ??= wrap<IsthmusApi>(newWorker());
  return shared;
}

/** Runs a job of that worker until it ends or the signal is raised. */
async function job<Result>(signal: AbortSignal | undefined, run: (id: number) => Promise<Result>): Promise<Result> {
  signal?.throwIfAborted();
  const id = ++lastJob;
  const cancel = () => void isthmus().cancel(id);
  signal?.addEventListener("abort", cancel);
  try {
    return await run(id);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

export const encode = (
  image: ImageData,
  settings: EncodeSettings,
  options: { signal?: AbortSignal; onProgress?: (fraction: number) => void } = {},
) =>
  job(options.signal, (id) => isthmus().encode(id, image, settings, options.onProgress && proxy(options.onProgress)));

export const decode = (
  bytes: Uint8Array,
  options: { modelId?: string | undefined; maxPixels: number; signal?: AbortSignal },
) => job(options.signal, (id) => isthmus().decode(id, bytes, options.modelId, options.maxPixels));

/** A training in a worker of its own. */
export interface Training {
  readonly model: Promise<Uint8Array>;
  /** Ends it early; `model` is then what has been learnt so far. */
  finish(): void;
  /** Ends it at once, without a model. */
  drop(): void;
}

export interface TrainingListeners {
  readonly onProgress: (progress: TrainProgress) => void;
  readonly onSnapshot: (model: Uint8Array) => void;
  readonly onCheckpoint: (bytes: Uint8Array) => Promise<void>;
}

export function startTraining(images: ImageData[], settings: TrainSettings, listeners: TrainingListeners): Training {
  const worker = newWorker();
  const remote = wrap<IsthmusApi>(worker);
  const { onProgress: progress, onSnapshot: snapshot, onCheckpoint: checkpoint } = listeners;
  const died = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "The worker that trains could not go on"));
  });
  const trained = remote.train(images, settings, proxy({ progress, snapshot, checkpoint }));
  return {
    model: Promise.race([trained, died]).finally(() => worker.terminate()),
    finish: () => void remote.finish(),
    drop: () => worker.terminate(),
  };
}
