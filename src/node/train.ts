import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { expected } from "../ground/errors.js";
import type { Model } from "../models/model.js";
import type { TrainingSource } from "../training/gallery.js";
import type { WorkerSource } from "../training/team/remote-worker.js";
import { trainTogether } from "../training/train.js";
import type { TrainOptions } from "../training/train-options.js";
import { Connection } from "../worker/connection.js";

export const mostThreads = 256;

export interface NodeTrainOptions extends TrainOptions {
  /**
   * Threads that share out the batch of each step, 1 .. 256. Default: one for each core. No more help than a batch has parts: its pictures, 8 or
   * what 192 x 192 pixels hold (photo; 4 by default), or a 32nd of them (other presets; 4 parts by default for variational, 2 for vector and sparse).
   * The result does not depend on their number.
   */
  readonly threads?: number;
}

/** `train` of the main entry, on all cores. Throws as that one does, and `worker-failed` where a thread fails. */
export async function train(images: Iterable<TrainingSource>, options: NodeTrainOptions = {}): Promise<Model> {
  if (typeof options !== "object" || options === null) throw expected("an object", "options of train", options);
  const { threads = Math.min(availableParallelism(), mostThreads), ...rest } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw expected(`an integer between 1 and ${mostThreads}`, "threads", threads);
  }
  const workers: Worker[] = [];
  const source: WorkerSource = {
    threads,
    start: (count) =>
      Array.from({ length: count }, () => {
        // Built beside this file: see tsup.config.ts.
        const worker = new Worker(new URL("./worker-node.js", import.meta.url), { execArgv: [] });
        workers.push(worker);
        const { port1, port2 } = new MessageChannel();
        return { port: port2, ended: new Connection(worker).call("work", { port: port1 }, {}, [port1]) };
      }),
  };
  try {
    return await trainTogether(images, rest, source);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
