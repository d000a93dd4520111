import { expected } from "../../ground/errors.js";
import { type Tune, tuneOf } from "../../models/configuration.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import type { Refiner } from "../latents/pipeline.js";
import type { Schedule } from "./annealing.js";
import { refineStrip } from "./refine.js";

/** How symbols are looked for at an effort. docs/decisions/0009 and 0041 hold the measurements behind these numbers. */
export interface Search {
  readonly schedule: Schedule;
  /**
   * How much more distortion weighs than in training, at quality q in [-1, 1]. With squared error, refinement at training's own weight also slides
   * down the rate-distortion curve, which costs more at low qualities than it gains.
   */
  readonly distortionWeight: (q: number) => number;
}

/** Sweeps at the efforts from 1 on; at 0 latents are rounded to the nearest integers. */
const sweeps = [1, 3, 6, 9, 16, 28, 48, 96, 192];

/** Temperatures with squared error, at the efforts from 1 on. */
const temperatures = [0, 0.2, 0.6, 0.8, 1, 1.5, 2, 2.5, 2.5];

export const highestEffort = sweeps.length;

const searches: Record<Tune, (effort: number) => Search> = {
  // Symbols hardly touch each other: all may move at once, and what goes wrong is mended by later sweeps.
  psnr: (effort) => ({
    schedule: {
      sweeps: sweeps[effort - 1],
      temperature: temperatures[effort - 1],
      rate: effort < 3 ? 1 : effort < 6 ? 0.6 : 0.4,
      reluctance: effort === 1 ? 1.2 : 0.3,
      share: [1, 1],
    },
    distortionWeight: (q) => 1.5 - 0.2 * q,
  }),
  // Symbols far apart share means that weigh a lot: few may move at a time, and what they did is looked at before others follow.
  ssimulacra2: (effort) => ({
    schedule: {
      sweeps: sweeps[effort - 1],
      temperature: 0,
      rate: 1,
      reluctance: 0,
      share: effort < 5 ? [0.15, 0.1] : [0.1, 0.08],
    },
    distortionWeight: () => 1,
  }),
};

/** Throws `invalid-parameter` unless `effort` is an integer from 0 to 9. */
export function checkEffort(effort: number): number {
  if (!Number.isInteger(effort) || effort < 0 || effort > highestEffort) {
    throw expected(`an integer between 0 and ${highestEffort}`, "effort", effort);
  }
  return effort;
}

/** The search at an effort from 1 on, for what a model is tuned for. */
export const searchOf = (tune: Tune, effort: number): Search => searches[tune](effort);

/** What improves the latents of a level at an effort from 1 on. `level`: one whose inputs' gradients are wanted. */
export function refinerOf(level: ReceiverLevel, effort: number): Refiner {
  const search = searchOf(tuneOf(level.configuration), effort);
  return (strip, pacer) => refineStrip(level, strip, search, pacer);
}
