import { normalDensity, normalTail, sigmoid } from "./vectormath.js";

/** The plain twin of assembly/likelihood.ts for one element, in 64-bit floats. */

export const smallestDeviation = 0.11;
export const smallestProbability = 1e-9;

/** A symmetric density with standard deviation 1. */
export interface Density {
  density(z: number): number;
  /** Probability of more than z >= 0. */
  tail(z: number): number;
}

const logisticRate = Math.PI / Math.sqrt(3);

export const gaussian: Density = { density: normalDensity, tail: normalTail };
export const logistic: Density = {
  density: (z) => logisticRate * sigmoid(logisticRate * z) * sigmoid(-logisticRate * z),
  tail: (z) => sigmoid(-logisticRate * z),
};

/** The probability of the bin of width 1 around a distance `distance` >= 0 from the mean. */
function binProbability({ tail }: Density, distance: number, deviation: number): number {
  const lower = (distance - 0.5) / deviation;
  const upper = (distance + 0.5) / deviation;
  return lower < 0 ? 1 - tail(-lower) - tail(upper) : tail(lower) - tail(upper);
}

export function bits(density: Density, value: number, mean: number, logScale: number): number {
  const deviation = Math.max(Math.exp(logScale), smallestDeviation);
  return -Math.log2(Math.max(binProbability(density, Math.abs(value - mean), deviation), smallestProbability));
}

export interface BitsGradient {
  readonly value: number;
  readonly mean: number;
  readonly logScale: number;
}

export function bitsGradient(density: Density, value: number, mean: number, logScale: number): BitsGradient {
  const distance = Math.abs(value - mean);
  const deviation = Math.exp(logScale);
  const bounded = Math.max(deviation, smallestDeviation);
  const lower = (distance - 0.5) / bounded;
  const upper = (distance + 0.5) / bounded;
  const atLower = density.density(lower);
  const atUpper = density.density(upper);
  const slope = -1 / (Math.LN2 * Math.max(binProbability(density, distance, bounded), smallestProbability));
  const byValue = (Math.sign(value - mean) * slope * (atUpper - atLower)) / bounded;
  const byDeviation = (slope * (lower * atLower - upper * atUpper)) / bounded;
  // The bound lets through only what would raise the deviation.
  const passes = deviation >= smallestDeviation || byDeviation < 0;
  return { value: byValue, mean: -byValue, logScale: passes ? byDeviation * deviation : 0 };
}

/** How far the mean of a Gaussian within the unit bin around `symbol` lies from it, -1/2 .. 1/2 (Max 1960, equation 4). */
export function centroid(symbol: number, mean: number, logScale: number): number {
  const deviation = Math.max(Math.exp(logScale), smallestDeviation);
  const distance = Math.abs(symbol - mean);
  const change = normalDensity((distance - 0.5) / deviation) - normalDensity((distance + 0.5) / deviation);
  const probability = Math.max(binProbability(gaussian, distance, deviation), smallestProbability);
  const inward = distance - (deviation * change) / probability;
  return -Math.sign(symbol - mean) * Math.min(Math.max(inward, 0), 0.5);
}
