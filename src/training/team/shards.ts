import { type Grid, sizeOf } from "../../nn/grid.js";
import type { TrainPlan } from "../plan.js";
import type { Batch, StepResult } from "../step.js";

/** Parts that the batch of a step is split into where they are small. More would let more threads help, and cost each of them more. */
export const usualShards = 8;
/** Pixels of a part, unless a single picture has more: what a thread passes through without a pause. */
const mostPixels = 192 * 192;
/** Pictures that are one cell each are many to a part: the weights are read and their gradients written once for each part. */
const fewestCells = 32;

/**
 * How many parts the batches of a plan are split into: so many whatever the number of threads, so that the result does not depend on it.
 * 1 where the loss of a batch is not the mean of those of its parts.
 */
export function shardsFor({ batch, crop, configuration: { fixedSize, sparsity } }: Omit<TrainPlan, "shards">): number {
  // The penalty is a divergence of mean activities, which few pictures tell badly.
  if (sparsity?.kind === "kl") return 1;
  if (fixedSize) return Math.max(1, Math.min(usualShards, Math.floor(batch / fewestCells)));
  return Math.min(batch, Math.max(usualShards, Math.ceil((batch * crop ** 2) / mostPixels)));
}

/** A run of whole numbers: `from`, and up to `to` without it. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Part `part` of `count` things that are divided into `parts` runs, the shorter ones first. */
export const runOf = (count: number, part: number, parts: number): Run => ({
  from: Math.floor((part * count) / parts),
  to: Math.floor(((part + 1) * count) / parts),
});

export const numbersOf = ({ from, to }: Run): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The pictures of a run, where they are. */
export const shardOf = ({ canvas, target, qualities }: Batch, run: Run): Batch => ({
  canvas: rowsOfRun(canvas, run),
  target: rowsOfRun(target, run),
  qualities: qualities.slice(run.from, run.to),
});

const rowsOfRun = (grid: Grid, { from, to }: Run): Grid => ({
  ...grid,
  batch: to - from,
  pointer: grid.pointer + ((from * sizeOf(grid)) / grid.batch) * 4,
});

/** The result of a batch by those of its shards, which have so many pictures each. */
export function meanResult(results: readonly StepResult[], pictures: readonly number[]): StepResult {
  const all = pictures.reduce((sum, count) => sum + count, 0);
  const mean = (value: (result: StepResult) => number): number =>
    results.reduce((sum, result, i) => sum + (value(result) * pictures[i]) / all, 0);
  return {
    loss: mean(({ loss }) => loss),
    bitsPerPixel: mean(({ bitsPerPixel }) => bitsPerPixel),
    meanSquaredError: mean(({ meanSquaredError }) => meanSquaredError),
    ...(results[0]?.ssimulacra2 !== undefined && { ssimulacra2: mean(({ ssimulacra2 = 0 }) => ssimulacra2) }),
  };
}

/** The seed of the noise of a shard: batches are drawn by the seed of the training itself. */
export const noiseSeed = (seed: number, shard: number): number => seed ^ Math.imul(shard + 1, 0x85ebca6b);
