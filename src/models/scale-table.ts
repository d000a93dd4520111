/**
 * A logarithmic table of standard deviations that distributions are snapped to before coding: integers from here on, so
 * that sender and receiver cannot disagree. Constants are literals: Math.log may differ in its last bit between engines.
 */
export interface ScaleTable {
  readonly count: number;
  /** Standard deviation of entry 0, in quantization steps, and its natural logarithm. */
  readonly lowest: number;
  readonly logLowest: number;
  /** Entries to a factor of e. */
  readonly density: number;
}

/** The entry nearest to a standard deviation given by its natural logarithm. Exact arithmetic only. */
export function nearestScale({ count, logLowest, density }: ScaleTable, logScale: number): number {
  const index = Math.floor((logScale - logLowest) * density + 0.5);
  return Math.min(count - 1, Math.max(0, index));
}

/** Standard deviation of an entry. For making tables, never for reading them. */
export const scaleAt = ({ lowest, density }: ScaleTable, index: number): number => lowest * Math.exp(index / density);
