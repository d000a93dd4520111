/**
 * The logarithmic table of standard deviations that distributions are snapped to before coding: integers from here on,
 * so that sender and receiver cannot disagree. Bounds: 0.11 (a symbol that is almost surely 0) to 1024 quantization steps.
 */
export const scaleCount = 64;
const lowest = 0.11;
const highest = 1024;
// Literals, not calls: Math.log may differ in its last bit between engines. ln(0.11) and ln(1024).
const logLowest = -2.2072749131897207;
const logHighest = 6.931471805599453;
const stepsPerLog = (scaleCount - 1) / (logHighest - logLowest);

/** Index of the entry nearest to a standard deviation given by its natural logarithm. Exact arithmetic only. */
export function scaleIndex(logScale: number): number {
  const index = Math.floor((logScale - logLowest) * stepsPerLog + 0.5);
  return Math.min(scaleCount - 1, Math.max(0, index));
}

/** Standard deviation of an entry. Used when tables are made, never when they are read. */
export function scaleAt(index: number): number {
  return lowest * (highest / lowest) ** (index / (scaleCount - 1));
}
