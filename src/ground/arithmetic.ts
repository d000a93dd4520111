/**
 * Functions that must give the same bits on every engine. Sums, products and quotients of doubles are exactly defined by
 * ECMAScript; `Math.exp`, `Math.log2` and `Math.cos` are not.
 */

const ln2 = Math.LN2;
const inverseLn2 = Math.LOG2E;
/** 1 / n! */
const [c2, c3, c4, c5, c6, c7, c8, c9] = [1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880];
const largestExponent = 60;
const powersOfTwo = Float64Array.from({ length: 2 * largestExponent + 1 }, (_, i) =>
  i < largestExponent ? 1 / 2 ** (largestExponent - i) : 2 ** (i - largestExponent),
);

/** e^x for |x| <= 40 (clamped), to about 1e-11: 2^k times a Taylor polynomial on |r| <= ln(2) / 2. */
export function exponential(x: number): number {
  const clamped = x < -40 ? -40 : Math.min(x, 40);
  const k = Math.floor(clamped * inverseLn2 + 0.5);
  const r = clamped - k * ln2;
  const high = c4 + r * (c5 + r * (c6 + r * (c7 + r * (c8 + r * c9))));
  return (1 + r * (1 + r * (c2 + r * (c3 + r * high)))) * powersOfTwo[k + largestExponent];
}

/** log2 to about 1e-15 of itself, by halving and the series of atanh; as `Math.log2` for 0, Infinity and what has none. */
export function logarithm2(value: number): number {
  // Of these ECMAScript says what they are.
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) return Math.log2(value);
  let exponent = value >= 1 && value < 2 ** 32 ? 31 - Math.clz32(value) : 0;
  let x = value / powersOfTwo[exponent + largestExponent];
  for (; x > Math.SQRT2; x /= 2) exponent++;
  for (; x < Math.SQRT1_2; x *= 2) exponent--;
  const z = (x - 1) / (x + 1);
  let sum = 0;
  for (let n = 19; n > 0; n -= 2) sum = sum * z * z + 1 / n;
  return exponent + (2 * z * sum) / ln2;
}

/** ln, as `logarithm2`. */
export const logarithm = (value: number): number => logarithm2(value) * ln2;
