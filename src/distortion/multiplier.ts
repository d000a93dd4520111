/** Bits of the exponent that count: as many as a 32-bit float of quality has, and some. */
const exponentBits = 40;

/**
 * lambda at quality q in [-1, 1]: what a unit of mean squared error is worth in bits a pixel, log-linear between the two ends. The same
 * as in training, but made of square roots alone, which all engines round alike.
 */
export function multiplierAt({ low, high }: { low: number; high: number }, q: number): number {
  let exponent = (q + 1) / 2;
  let root = high / low;
  let power = 1;
  if (exponent >= 1) return high;
  for (let bit = 0; bit < exponentBits; bit++) {
    root = Math.sqrt(root);
    exponent *= 2;
    if (exponent < 1) continue;
    exponent -= 1;
    power *= root;
  }
  return low * power;
}
