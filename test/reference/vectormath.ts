/** Plain 64-bit oracles for assembly/vectormath.ts; what `Math` has is used as it is. */

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Probability that a standard normal variable exceeds z >= 0: a power series near zero, a continued fraction beyond. */
export function normalTail(z: number): number {
  if (z < 4) {
    let term = z;
    let sum = z;
    for (let n = 3; term > sum * 1e-17; n += 2) sum += term *= (z * z) / n;
    return 0.5 - normalDensity(z) * sum;
  }
  let fraction = z;
  for (let n = 100; n >= 1; n--) fraction = z + n / fraction;
  return normalDensity(z) / fraction;
}

/** Probability that a standard normal variable lies below z. */
export const normalCumulative = (z: number): number => (z < 0 ? normalTail(-z) : 1 - normalTail(z));

export const cosineOfTurns = (x: number): number => Math.cos(2 * Math.PI * (x - Math.round(x)));
