import type { ModelConfiguration, ScoreConfiguration } from "../models/configuration.js";
import { multiplierAt } from "./multiplier.js";

/** What the distortion of one picture costs, in the unit of its rate. */
export interface DistortionWeights {
  /** Cost of a unit of mean squared error (samples 0 .. 255), or of the cross-entropy that stands in for it. */
  readonly error: number;
  /** Cost of a point of SSIMULACRA 2 below 100; 0 where nobody asks for the score. */
  readonly score: number;
  /** Cost of a unit of mean squared error of the means of blocks, of each size, see slow-errors.ts; 0 where nobody asks for the score. */
  readonly means: number;
}

/** The weights at quality q in [-1, 1] that a model is trained for: costs in bits a pixel. */
export function weightsAt(
  { lambda, ssimulacra2 }: Pick<ModelConfiguration, "lambda" | "ssimulacra2">,
  q: number,
): DistortionWeights {
  const error = multiplierAt(lambda, q);
  if (!ssimulacra2) return { error, score: 0, means: 0 };
  const { share, point, means = 0 } = ssimulacra2;
  return { error: (1 - share) * error, score: share * pointAt(point, q), means: means * error };
}

/** What a point is worth at quality q: its logarithm is a parabola through the three given values. */
function pointAt({ low, middle, high }: { low: number; middle: number; high: number }, q: number): number {
  const bend = Math.sqrt(low * high) / middle;
  return (multiplierAt({ low, high }, q) * multiplierAt({ low: 1, high: bend }, 2 * q * q - 1)) / bend;
}

/**
 * The same worth of a point for each lambda, where coordinates run over another range of it: the parabola goes on beyond its ends. Rounded to four digits.
 */
export function pointOver(
  { low, middle, high }: ScoreConfiguration["point"],
  from: ModelConfiguration["lambda"],
  to: ModelConfiguration["lambda"],
): ScoreConfiguration["point"] {
  const [first, centre, last] = [low, middle, high].map(Math.log);
  const half = Math.log(from.high / from.low) / 2;
  const at = (lambda: number): number => {
    const q = half === 0 ? 0 : Math.log(lambda / Math.sqrt(from.low * from.high)) / half;
    const worth = centre + (q * (last - first)) / 2 + q * q * ((first + last) / 2 - centre);
    return Number(Math.exp(worth).toPrecision(4));
  };
  return { low: at(to.low), middle: at(Math.sqrt(to.low * to.high)), high: at(to.high) };
}

export const scaledWeights = ({ error, score, means }: DistortionWeights, factor: number): DistortionWeights => ({
  error: error * factor,
  score: score * factor,
  means: means * factor,
});
