import { IsthmusError } from "../ground/errors.js";
import type { Image } from "../image/image.js";
import { Model } from "../models/model.js";
import { parentModels } from "../models/parents.js";
import { endWork, type WorkerSource } from "../training/team/remote-worker.js";
import { trainTogether } from "../training/train.js";
import type { TrainOptions } from "../training/train-options.js";
import type { Calls } from "./messages.js";

export { workForTraining } from "../training/team/training-worker.js";

/** Trains with the team that was sent, which ends with the training; `lost` is raised where one of the team fails. Throws as `train`, and `worker-failed`. */
export async function trainHere(
  images: readonly Image[],
  { options, from, parents, team = [] }: Calls["train"]["given"],
  { lost, ...others }: TrainOptions & { readonly lost: AbortSignal },
): Promise<Model> {
  const ended = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new IsthmusError("worker-failed", "A worker of the training failed"));
    lost.addEventListener("abort", fail);
    // It may have been lost while the images were read.
    if (lost.aborted) fail();
  });
  ended.catch(() => {});
  const source: WorkerSource = {
    threads: 1 + team.length,
    start: (count) => team.slice(0, count).map((port) => ({ port, ended })),
  };
  try {
    const base = from && (await Model.open(from, { signal: others.signal, parents: parentModels(parents) }, true));
    return await trainTogether(images, { ...options, ...(base !== undefined && { from: base }), ...others }, source);
  } finally {
    for (const port of team) endWork(port);
  }
}
