/**
 * Functions that must give the same bits on every engine. Sums, products and quotients of doubles are exactly defined by
 * ECMAScript; `Math.exp` and `Math.cos` are not.
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

/** The logistic function 1 / (1 + e^-x). */
export const logistic = (x: number): number => 1 / (1 + exponential(-x));

/** cos(x) for 0 <= x <= pi / 2, by its series. */
function cosine(x: number): number {
  let sum = 1;
  for (let n = 12; n > 0; n--) sum = 1 - (sum * x * x) / ((2 * n - 1) * (2 * n));
  return sum;
}

/**
 * cos(pi k (x + 1/2) / length) for x < length (rows) and k < count (columns): the columns of the DCT-II. Each row comes from the first two cosines by Chebyshev's recurrence.
 */
export function cosineTable(length: number, count: number): Float64Array {
  const table = new Float64Array(length * count);
  for (let x = 0; x < length; x++) {
    const mirrored = 2 * x + 1 > length;
    const angle = (Math.PI * (mirrored ? 2 * (length - x) - 1 : 2 * x + 1)) / (2 * length);
    const first = cosine(angle) * (mirrored ? -1 : 1);
    let before = 1;
    let current = first;
    table[x * count] = 1;
    for (let k = 1; k < count; k++) {
      table[x * count + k] = current;
      const next = 2 * first * current - before;
      before = current;
      current = next;
    }
  }
  return table;
}
