/** The index within 0 .. size - 1 that a position mirrors, without repeating the edge; 0 where size is 1. */
export function mirroredIndex(position: number, size: number): number {
  const period = Math.max(1, 2 * (size - 1));
  const phase = ((position % period) + period) % period;
  return phase < size ? phase : period - phase;
}
