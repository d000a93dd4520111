/**
 * A logarithmic table of standard deviations that distributions are snapped to before coding: integers from here on, so
 * that sender and receiver cannot disagree. Constants are literals: Math.log may differ in its last bit between engines.
 */
export class ScaleTable {
  readonly count: number;
  /** Standard deviation of entry 0, in quantization steps, and its natural logarithm. */
  readonly lowest: number;
  readonly logLowest: number;
  /** Entries to a factor of e. */
  readonly density: number;

  constructor(table: { count: number; lowest: number; logLowest: number; density: number }) {
    this.count = table.count;
    this.lowest = table.lowest;
    this.logLowest = table.logLowest;
    this.density = table.density;
  }

  /** The entry nearest to a standard deviation given by its natural logarithm. Exact arithmetic only. */
  index(logScale: number): number {
    const index = Math.floor((logScale - this.logLowest) * this.density + 0.5);
    return Math.min(this.count - 1, Math.max(0, index));
  }

  /** Standard deviation of an entry. For making tables, never for reading them. */
  at(index: number): number {
    return this.lowest * Math.exp(index / this.density);
  }
}
