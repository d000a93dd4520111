/**
 * What docs/FORMAT.md says of binary32 arithmetic, word by word: every operation is rounded before the next. Slow, readable, and equal to
 * the kernels bit for bit.
 */

export const round = Math.fround;

const half = round(0.5);

/** The nearest integer, ties to even. */
export function nearest(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

const exponentialCoefficients = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];

/** Reduces x to r and n with e^x = e^r 2^n, and gives p r^2 + r, nearly e^r - 1. */
function reduce(x: number): { readonly excess: number; readonly power: number } {
  const held = Math.min(Math.max(x, round(-87.33654)), round(88.37626));
  const n = nearest(round(held * round(Math.LOG2E)));
  const r = round(round(held - round(n * round(0.693359375))) - round(n * round(-2.1219444e-4)));
  const p = polynomial(exponentialCoefficients, r);
  return { excess: round(round(p * round(r * r)) + r), power: 2 ** n };
}

/** Horner's scheme, the highest power first. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.map(round).reduce((sum, coefficient) => round(round(sum * x) + coefficient));

export function exponential(x: number): number {
  const { excess, power } = reduce(x);
  return round(round(excess + 1) * power);
}

export function exponentialMinusOne(x: number): number {
  const { excess, power } = reduce(x);
  return round(round(excess * power) + round(power - 1));
}

const tailCoefficients = [
  -0.0210781642, 0.0954072346, -0.146707408, 0.0653279675, -0.00937753471, 0.0586539537, 0.0878291006, 0.114622359,
  0.127660946, 0.127661529,
];

/** The probability that a standard normal variable exceeds z >= 0, times e^(z^2 / 2). */
export function scaledNormalTail(z: number): number {
  const t = round(1 / round(1 + round(z * round(0.32))));
  return round(polynomial(tailCoefficients, t) * t);
}

/** docs/FORMAT.md, "Reconstruction", steps 1 to 6: the offset. */
export function centroid(symbol: number, mean: number, logScale: number): number {
  const difference = round(symbol - mean);
  const distance = Math.abs(difference);
  const inverse = round(1 / Math.max(exponential(logScale), round(0.11)));
  const lower = round(round(distance - half) * inverse);
  const upper = round(round(distance + half) * inverse);
  const bell = exponential(round(round(lower * lower) * -half));
  const change = round(bell * exponentialMinusOne(-round(round(distance * inverse) * inverse)));
  const tail = round(bell * scaledNormalTail(Math.abs(lower)));
  const tailLower = lower < 0 ? round(1 - tail) : tail;
  const tailUpper = round(round(bell + change) * scaledNormalTail(upper));
  const probability = Math.max(round(tailLower - tailUpper), round(1e-9));
  const x = round(distance + round(round(round(0.3989422804014327) * change) / round(inverse * probability)));
  const inward = x > 0 ? Math.min(x, half) : 0;
  return difference >= 0 ? -inward : inward;
}
