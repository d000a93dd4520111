import { expected } from "../errors.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import type { Schedule } from "./annealing.js";
import type { Refiner } from "./pipeline.js";
import { refineStrip } from "./refine.js";

/** Efforts from 1 on; at 0 latents are rounded to the nearest integers. docs/decisions/ holds the measurements behind these numbers. */
const schedules: readonly Schedule[] = [
  { sweeps: 1, temperature: 0, rate: 1, reluctance: 1.2 },
  { sweeps: 2, temperature: 0.2, rate: 0.7, reluctance: 0.3 },
  { sweeps: 3, temperature: 0.5, rate: 0.65, reluctance: 0.3 },
  { sweeps: 4, temperature: 0.8, rate: 0.6, reluctance: 0.3 },
  { sweeps: 6, temperature: 1.2, rate: 0.5, reluctance: 0.3 },
  { sweeps: 12, temperature: 2.2, rate: 0.4, reluctance: 0.3 },
  { sweeps: 24, temperature: 3, rate: 0.35, reluctance: 0.3 },
  { sweeps: 48, temperature: 3, rate: 0.3, reluctance: 0.3 },
  { sweeps: 96, temperature: 3, rate: 0.22, reluctance: 0.3 },
];

export const highestEffort = schedules.length;

/** Throws `invalid-parameter` unless `effort` is an integer from 0 to 9. */
export function checkEffort(effort: number): number {
  if (!Number.isInteger(effort) || effort < 0 || effort > highestEffort) {
    throw expected(`an integer between 0 and ${highestEffort}`, "effort", effort);
  }
  return effort;
}

/** What improves the latents at an effort from 1 on. `network`: one whose inputs' gradients are wanted. */
export function refinerOf(network: ReceiverNetwork, effort: number): Refiner {
  return (strip, pacer) => refineStrip(network, strip, schedules[effort - 1], pacer);
}
