import { multiplierAt } from "../../distortion/multiplier.js";
import { type ModelConfiguration, tuneOf } from "../../models/configuration.js";
import { gridSize, type Size } from "../../models/tiling.js";
import { levelsPerStep, middleStep, movedLevel, type Places } from "../latents/places.js";
import { coordinateOf, highestLevel } from "../latents/quality.js";
import { blockWeights, type Importance } from "./importance.js";

/** Blocks along the longer side of a picture, at most: finer ones cost more bytes than they gain. */
const mostBlocks = 40;
const longestSide = 256;

/** A weight below this part of the largest counts as much: further apart, what matters least is at the lowest quality, whatever one does. */
const leastShare = 1 / 16;

/** Times the bytes that a photo takes at the highest coordinate of those at the lowest, about: how steps up are set off against steps down. */
const growth = { ssimulacra2: 25, psnr: 8 } as const;

/** Halvings of the interval in which the weight of step 0 is looked for. */
const halvings = 16;

/** Mean weights of the blocks of a picture, in raster order; a block's side is so many pixels, whole cells of the latent grid. */
export interface WeighedBlocks {
  readonly side: number;
  readonly weights: Float64Array;
}

export function weighBlocks(importance: Importance, size: Size, configuration: ModelConfiguration): WeighedBlocks {
  const { patch } = configuration;
  const grid = gridSize(configuration, size);
  const side = Math.min(longestSide, Math.ceil(Math.max(grid.width, grid.height) / mostBlocks)) * patch.width;
  const weights = blockWeights(importance, size, { width: side, height: side });
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
  configuration: Pick<ModelConfiguration, "lambda" | "ssimulacra2" | "qualityScale">,
): Places | undefined {
  if (weights.every((weight) => weight === weights[0])) return undefined;
  const steps = stepsAround(level, configuration);
  const stepsAt = (weightOfLevel: number) => weights.map((weight) => stepOf(weight / weightOfLevel, steps));
  const excess = (chosen: Float64Array): number => chosen.reduce((sum, i) => sum + steps[i].bytes - 1, 0);

  // The heavier a block has to be for the level itself, the fewer bytes.
  let heavier = largestOf(weights) / steps[0].worth;
  let lighter = (largestOf(weights) * leastShare) / steps[steps.length - 1].worth;
  for (let i = 0; i < halvings; i++) {
    const middle = Math.sqrt(heavier * lighter);
    if (excess(stepsAt(middle)) <= 0) heavier = middle;
    else lighter = middle;
  }
  const [below, above] = [stepsAt(heavier), stepsAt(lighter)];
  const chosen = excess(above) < -excess(below) ? above : below;
  if (chosen.every((i) => steps[i].step === 0)) return undefined;
  return { side, steps: Uint8Array.from(chosen, (i) => steps[i].step + middleStep) };
}

/** A step from the level of a stream. */
interface Step {
  readonly step: number;
  /** What an error is worth there, relative to the level itself. */
  readonly worth: number;
  /** Bytes that a block takes there, about, relative to the level itself. */
  readonly bytes: number;
}

/** The steps that lead somewhere, rising. */
function stepsAround(level: number, configuration: Parameters<typeof placesAt>[2]): readonly Step[] {
  const { lambda, ssimulacra2 } = configuration;
  const lowest = -Math.ceil(level / levelsPerStep);
  const highest = Math.ceil((highestLevel - level) / levelsPerStep);
  const coordinateAt = (step: number): number => coordinateOf(configuration, movedLevel(level, step));
  const worthAt = (step: number): number => multiplierAt(ssimulacra2?.point ?? lambda, coordinateAt(step));
  const bytesAt = (step: number): number =>
    multiplierAt({ low: 1, high: growth[tuneOf(configuration)] }, coordinateAt(step));
  return Array.from({ length: highest - lowest + 1 }, (_, i) => ({
    step: lowest + i,
    worth: worthAt(lowest + i) / worthAt(0),
    bytes: bytesAt(lowest + i) / bytesAt(0),
  }));
}

/** The number of the step whose worth is nearest to a ratio of weights. */
function stepOf(ratio: number, steps: readonly Step[]): number {
  let at = 0;
  while (at < steps.length - 1 && ratio * ratio >= steps[at].worth * steps[at + 1].worth) at++;
  return at;
}

const largestOf = (weights: Float64Array): number => weights.reduce((largest, weight) => Math.max(largest, weight));
