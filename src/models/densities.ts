/** Probabilities of unit bins, for making tables: never evaluated where symbols are coded. */

/** Zero-mean logistic of standard deviation `scale`, in the bin around `value`. */
export function logisticBin(value: number, scale: number): number {
  const s = (scale * Math.sqrt(3)) / Math.PI;
  const d = Math.abs(value);
  const cumulative = (x: number): number => 1 / (1 + Math.exp(-x / s));
  return cumulative(0.5 - d) - cumulative(-0.5 - d);
}

/** Gaussian of mean `mean` and standard deviation `scale`, in the bin around `value`. */
export function gaussianBin(value: number, mean: number, scale: number): number {
  const d = Math.abs(value - mean);
  return upperTail((d - 0.5) / scale) - upperTail((d + 0.5) / scale);
}

/** P(Z > z) of a standard normal by the rational form of Abramowitz & Stegun 26.2.17; absolute error below 7.5e-8. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
