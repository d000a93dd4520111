import { expected } from "../ground/errors.js";

/** One point of a rate-distortion curve: a rate (bits per pixel or bytes, above zero) and the PSNR it buys in decibels. */
export interface RatePoint {
  readonly rate: number;
  readonly psnr: number;
}

/**
 * Bjontegaard's average rate difference in percent: how much more (positive) or less (negative) rate `test` needs than
 * `anchor` at equal PSNR, averaged in the logarithm of the rate over the range of PSNR that both curves cover
 * (Bjontegaard 2001, ITU-T VCEG-M33), with the piecewise cubic Hermite interpolation (PCHIP) of the JCT-VC common test conditions.
 * Each curve has two points or more of different PSNR, in any order. Throws `invalid-parameter` where they have not, or
 * where the two ranges of PSNR do not overlap.
 */
export function bdRate(anchor: readonly RatePoint[], test: readonly RatePoint[]): number {
  const left = interpolate(anchor, "anchor");
  const right = interpolate(test, "test");
  const low = Math.max(left.low, right.low);
  const high = Math.min(left.high, right.high);
  if (!(low < high)) {
    throw expected(`a PSNR range that overlaps ${left.low} .. ${left.high}`, "test", `${right.low} .. ${right.high}`);
  }
  const difference = (right.integral(low, high) - left.integral(low, high)) / (high - low);
  return (Math.exp(difference) - 1) * 100;
}

interface Curve {
  readonly low: number;
  readonly high: number;
  /** Integral of ln(rate) over PSNR from `from` to `to`. */
  integral(from: number, to: number): number;
}

function interpolate(points: readonly RatePoint[], name: string): Curve {
  if (!Array.isArray(points) || points.some((point) => typeof point !== "object" || point === null)) {
    throw expected("an array of points { rate, psnr }", name, points);
  }
  const sorted = [...points].sort((a, b) => a.psnr - b.psnr);
  const x = sorted.map((point) => point.psnr);
  if (x.length < 2 || x.some((psnr, i) => i > 0 && psnr <= x[i - 1])) {
    throw expected("two or more points of different PSNR", name, x.join(", "));
  }
  for (const { rate, psnr } of sorted) {
    if (!(rate > 0 && Number.isFinite(rate))) throw expected("a rate above zero", `${name}.rate`, rate);
    if (!Number.isFinite(psnr)) throw expected("a finite number", `${name}.psnr`, psnr);
  }
  const y = sorted.map((point) => Math.log(point.rate));
  const slopes = pchipSlopes(x, y);
  const integral = (from: number, to: number): number => {
    let sum = 0;
    for (let i = 0; i + 1 < x.length; i++) {
      const begin = Math.max(from, x[i]);
      const end = Math.min(to, x[i + 1]);
      if (begin < end) sum += pieceIntegral(x, y, slopes, i, begin, end);
    }
    return sum;
  };
  return { low: x[0], high: x[x.length - 1], integral };
}

/** Slopes that keep each piece monotone (Fritsch and Butland 1984): weighted harmonic means inside, three-point formula at the ends. */
function pchipSlopes(x: number[], y: number[]): number[] {
  const step = x.slice(1).map((value, i) => value - x[i]);
  const secant = step.map((h, i) => (y[i + 1] - y[i]) / h);
  const last = step.length - 1;
  if (last === 0) return [secant[0], secant[0]];
  const inner = secant.slice(1).map((after, i) => {
    const before = secant[i];
    if (before * after <= 0) return 0;
    const weightBefore = step[i] + 2 * step[i + 1];
    const weightAfter = 2 * step[i] + step[i + 1];
    return (weightBefore + weightAfter) / (weightBefore / before + weightAfter / after);
  });
  return [
    endSlope(step[0], step[1], secant[0], secant[1]),
    ...inner,
    endSlope(step[last], step[last - 1], secant[last], secant[last - 1]),
  ];
}

function endSlope(step: number, nextStep: number, secant: number, nextSecant: number): number {
  const slope = ((2 * step + nextStep) * secant - step * nextSecant) / (step + nextStep);
  if (slope * secant <= 0) return 0;
  if (secant * nextSecant <= 0 && Math.abs(slope) > 3 * Math.abs(secant)) return 3 * secant;
  return slope;
}

/** Exact integral of the cubic piece i from `begin` to `end`, both inside the piece. */
function pieceIntegral(x: number[], y: number[], slopes: number[], i: number, begin: number, end: number): number {
  const h = x[i + 1] - x[i];
  const secant = (y[i + 1] - y[i]) / h;
  const quadratic = (3 * secant - 2 * slopes[i] - slopes[i + 1]) / h;
  const cubic = (slopes[i] + slopes[i + 1] - 2 * secant) / h ** 2;
  const antiderivative = (at: number): number => {
    const t = at - x[i];
    return t * (y[i] + t * (slopes[i] / 2 + t * (quadratic / 3 + (t * cubic) / 4)));
  };
  return antiderivative(end) - antiderivative(begin);
}
