import { proxy, type Remote, wrap } from "comlink";
import type { TrainProgress } from "isthmus";
import { complain } from "../notices.js";
import type { EncodeSettings, IsthmusApi, TrainSettings } from "./isthmus.worker.js";

export type { EncodeSettings, TrainSettings };

interface Opened {
  readonly worker: Worker;
  readonly remote: Remote<IsthmusApi>;
  /** Rejects where the worker cannot be loaded or breaks down: its calls would never be answered. */
  readonly broken: Promise<never>;
}

function open(): Opened {
  const worker = new Worker(new URL("./isthmus.worker.ts", import.meta.url), { type: "module", name: "isthmus" });
  const broken = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message || unloaded));
  });
  return { worker, remote: wrap<IsthmusApi>(worker), broken };
}

const unloaded =
  "The part of this page that codes pictures could not be loaded. Without a network it works only where it has been loaded before.";

let shared: Opened | undefined;
let lastJob = 0;

function openShared(): Opened {
  if (!shared) {
    shared = open();
    shared.broken.catch((error) => {
      shared?.worker.terminate();
      shared = undefined;
      complain(error);
    });
  }
  return shared;
}

/** The worker that encodes, decodes and measures. */
export const isthmus = (): Remote<IsthmusApi> => openShared().remote;

/** Runs a job of that worker until it ends or the signal is raised. */
async function job<Result>(signal: AbortSignal | undefined, run: (id: number) => Promise<Result>): Promise<Result> {
  signal?.throwIfAborted();
  const id = ++lastJob;
  const cancel = () => void isthmus().cancel(id);
  signal?.addEventListener("abort", cancel);
  try {
    return await Promise.race([run(id), openShared().broken]);
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
  const { worker, remote, broken } = open();
  const { onProgress: progress, onSnapshot: snapshot, onCheckpoint: checkpoint } = listeners;
  const trained = remote.train(images, settings, proxy({ progress, snapshot, checkpoint }));
  return {
    model: Promise.race([trained, broken]).finally(() => worker.terminate()),
    finish: () => void remote.finish(),
    drop: () => worker.terminate(),
  };
}
