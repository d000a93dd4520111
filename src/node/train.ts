import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { expected } from "../errors.js";
import type { Image } from "../image/image.js";
import type { Model } from "../models/model.js";
import type { TrainOptions } from "../training/options.js";
import type { Crew } from "../training/team/colleague.js";
import { trainTogether } from "../training/train.js";
import { Connection } from "../worker/connection.js";

export const mostThreads = 256;

export interface NodeTrainOptions extends TrainOptions {
  /**
   * Threads that share out the batch of each step, 1 .. 256; more than 8, or than a batch has pictures, do not help. Default: one for each core.
   * With 1 the result is that of `train` of the main entry; from 2 on it is another one, the same for every number of threads.
   */
  readonly threads?: number;
}

/** `train` of the main entry, on all cores. Throws as that one does, and `worker-failed` where a thread fails. */
export async function train(images: Iterable<Image>, options: NodeTrainOptions = {}): Promise<Model> {
  const { threads = Math.min(availableParallelism(), mostThreads), ...rest } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw expected(`an integer between 1 and ${mostThreads}`, "threads", threads);
  }
  const workers: Worker[] = [];
  const crew: Crew = {
    threads,
    hire: (count) =>
      Array.from({ length: count }, () => {
        // Built beside this file: see tsup.config.ts.
        const worker = new Worker(new URL("./worker-node.js", import.meta.url));
        workers.push(worker);
        const { port1, port2 } = new MessageChannel();
        return { port: port2, ended: new Connection(worker).call("help", { port: port1 }, {}, [port1]) };
      }),
  };
  try {
    return await trainTogether(images, rest, crew);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
