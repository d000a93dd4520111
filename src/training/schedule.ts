/** Of the peak, at the end of training. */
const floor = 0.02;
/** Share of variational training after which the learning rate falls. */
const held = 0.7;

/** Learning rate as a fraction of its peak: linear warm-up, then half a cosine down to a fiftieth. `step` counts from 0. */
export function learningRateAt(step: number, steps: number, warmUpSteps = defaultWarmUp(steps)): number {
  const cosine = floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * shareOf(step, steps)));
  return cosine * Math.min(1, (step + 1) / warmUpSteps);
}

/**
 * The same for variational training: after the warm-up at its peak, and over the last three tenths in a straight line down to a fiftieth. Lower
 * bounds are still far from where they end after a few epochs, so that an early fall costs more than its calm gives.
 */
export function variationalLearningRateAt(step: number, steps: number): number {
  const left = Math.min(1, (1 - shareOf(step, steps)) / (1 - held));
  return (floor + (1 - floor) * left) * Math.min(1, (step + 1) / defaultWarmUp(steps));
}

const shareOf = (step: number, steps: number): number => Math.min(1, step / Math.max(1, steps));

const defaultWarmUp = (steps: number): number => Math.min(200, Math.ceil(steps / 10));
