import { multiplierAt } from "../distortion/multiplier.js";
import type { ModelConfiguration } from "../models/configuration.js";
import { gridSize, type Size } from "../models/tiling.js";
import { blockWeights, type Importance } from "./importance.js";
import { levelsPerStep, middleStep, type Places } from "./places.js";
import { highestLevel, qualityOfLevel } from "./quality.js";

/** Blocks along the longer side of a picture, at most: finer ones cost more bytes than they gain. */
const mostBlocks = 40;
const longestSide = 256;

/** A weight below this part of the largest counts as much: further apart, what matters least is at the lowest quality, whatever one does. */
const leastShare = 1 / 16;

/** Times the bytes that a photo takes at quality 100 of those at quality 0, about: how steps up are set off against steps down. */
const growth = 8;

/** Halvings of the interval in which the weight of step 0 is looked for. */
const halvings = 16;

/** Mean weights of the blocks of a picture, in raster order; a block's side is so many cells of the latent grid. */
export interface WeighedBlocks {
  readonly side: number;
  readonly weights: Float64Array;
}

export function weighBlocks(importance: Importance, size: Size, configuration: ModelConfiguration): WeighedBlocks {
  const { patch } = configuration;
  const grid = gridSize(configuration, size);
  const side = Math.min(longestSide, Math.ceil(Math.max(grid.width, grid.height) / mostBlocks));
  const weights = blockWeights(importance, size, { width: side * patch.width, height: side * patch.height });
  const least = leastShare * largestOf(weights);
  return { side, weights: weights.map((weight) => Math.max(weight, least)) };
}

/**
 * The steps that give errors in each block the worth that its weight says, and take about the bytes of the level itself; undefined where that is the
 * level everywhere. No logarithm of the host takes part: all engines find the same.
 */
export function placesAt(
  { side, weights }: WeighedBlocks,
  level: number,
  { lambda, ssimulacra2 }: Pick<ModelConfiguration, "lambda" | "ssimulacra2">,
): Places | undefined {
  if (weights.every((weight) => weight === weights[0])) return undefined;
  const { low, high } = ssimulacra2?.point ?? lambda;
  const perStep = multiplierAt({ low: 1, high: high / low }, qualityOfLevel(levelsPerStep));
  const bounds = {
    lowest: -Math.ceil(level / levelsPerStep),
    highest: Math.ceil((highestLevel - level) / levelsPerStep),
  };
  const stepsAt = (weightOfLevel: number) => weights.map((weight) => stepOf(weight / weightOfLevel, perStep, bounds));
  const bytesAt = (step: number): number => {
    const moved = Math.min(highestLevel, Math.max(0, level + levelsPerStep * step));
    return multiplierAt({ low: 1, high: growth }, qualityOfLevel(moved));
  };
  const excess = (steps: Float64Array): number => steps.reduce((sum, step) => sum + bytesAt(step) - bytesAt(0), 0);

  // The heavier a block has to be for the level itself, the fewer bytes.
  let heavier = largestOf(weights) * perStep;
  let lighter = (largestOf(weights) * leastShare) / perStep;
  for (let i = 0; i < halvings; i++) {
    const middle = Math.sqrt(heavier * lighter);
    if (excess(stepsAt(middle)) <= 0) heavier = middle;
    else lighter = middle;
  }
  const [below, above] = [stepsAt(heavier), stepsAt(lighter)];
  const steps = excess(above) < -excess(below) ? above : below;
  return steps.some((step) => step !== 0)
    ? { side, steps: Uint8Array.from(steps, (step) => step + middleStep) }
    : undefined;
}

/** The power of `perStep` that is nearest to a ratio of weights, within bounds. */
function stepOf(ratio: number, perStep: number, { lowest, highest }: { lowest: number; highest: number }): number {
  const half = Math.sqrt(perStep);
  let step = 0;
  let rest = ratio;
  for (; rest >= half && step < highest; rest /= perStep) step++;
  for (; rest < 1 / half && step > lowest; rest *= perStep) step--;
  return step;
}

const largestOf = (weights: Float64Array): number => weights.reduce((largest, weight) => Math.max(largest, weight));
