/** Learning rate as a fraction of its peak: linear warm-up, then half a cosine down to a fiftieth. `step` counts from 0. */
export function learningRateAt(
  step: number,
  steps: number,
  warmUpSteps = Math.min(200, Math.ceil(steps / 10)),
): number {
  const floor = 0.02;
  const part = Math.min(1, step / Math.max(1, steps));
  const cosine = floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * part));
  return cosine * Math.min(1, (step + 1) / warmUpSteps);
}
