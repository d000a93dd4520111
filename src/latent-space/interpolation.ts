import { expected } from "../ground/errors.js";

export const interpolationModes = ["linear", "spherical"] as const;
export type InterpolationMode = (typeof interpolationModes)[number];

/** Below this sine of the angle between two codes the arc is a line. */
const leastSine = 1e-6;

/**
 * `steps` points from `from` to `to`, both included. `spherical` keeps to the arc between them (Shoemake 1985): under N(0, 1) in many dimensions
 * almost all codes have nearly the same length, and the middle of a line is shorter than any of them.
 */
export function pathBetween(
  from: Float32Array,
  to: Float32Array,
  steps: number,
  mode: InterpolationMode,
): Float32Array[] {
  if (!Number.isInteger(steps) || steps < 2 || steps > 1000)
    throw expected("an integer between 2 and 1000", "steps", steps);
  if (!interpolationModes.includes(mode)) throw expected('"linear" or "spherical"', "mode", mode);
  const weightsAt = mode === "linear" ? lineWeights : arcWeights(angleBetween(from, to));
  return Array.from({ length: steps }, (_, i) => {
    const [a, b] = weightsAt(i / (steps - 1));
    return from.map((value, c) => a * value + b * to[c]);
  });
}

const lineWeights = (share: number): [number, number] => [1 - share, share];

function arcWeights(angle: number): (share: number) => [number, number] {
  const sine = Math.sin(angle);
  if (!(sine > leastSine)) return lineWeights;
  return (share) => [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
}

/** In radians; NaN where one of them is zero. */
function angleBetween(a: Float32Array, b: Float32Array): number {
  const dot = (left: Float32Array, right: Float32Array): number =>
    left.reduce((sum, value, c) => sum + value * right[c], 0);
  return Math.acos(Math.max(-1, Math.min(1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))));
}
