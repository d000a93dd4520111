import { exponential } from "../ground/arithmetic.js";

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
