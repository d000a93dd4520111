/** Of the peak, at the end of training. */
const floor = 0.02;
/** Share of variational training after which the learning rate falls. */
const held = 0.7;
/** The learning rate warms up over a tenth of a training, or over so many steps. */
const warmUp = { share: 0.1, steps: 200 };

/** Stairs that the share of a training by the clock climbs in: few enough to be written down, and too many to matter. */
export const stairs = 256;

/** Where a training stands before each step, counted from 0: what its learning rate, annealing and warm-ups follow. */
export interface Schedule {
  /** Part of the training that is done, 0 .. 1. Never falls. */
  shareAt(step: number): number;
  /** The learning rate's warm-up, above 0 and at most 1. */
  warmthAt(step: number): number;
}

/** The schedule of a training by a number of steps. */
export class StepSchedule implements Schedule {
  private readonly warmUpSteps: number;

  constructor(private readonly steps: number) {
    this.warmUpSteps = Math.min(warmUp.steps, Math.ceil(steps * warmUp.share));
  }

  shareAt(step: number): number {
    return Math.min(1, step / Math.max(1, this.steps));
  }

  warmthAt(step: number): number {
    return Math.min(1, (step + 1) / this.warmUpSteps);
  }
}

/**
 * The schedule of a training by the clock. The share is read off in stairs of 1/256; to write down the first step on each of them is to write down
 * the schedule, so that it can be repeated.
 */
export class StairSchedule implements Schedule {
  /** `firstSteps`: of each stair that was reached, from the lowest on. */
  constructor(readonly firstSteps: number[]) {}

  /** Notes, before a step, which share of the time has passed. */
  climb(step: number, share: number): void {
    const reached = Math.min(stairs - 1, Math.floor(share * stairs));
    while (this.firstSteps.length <= reached) this.firstSteps.push(step);
  }

  shareAt(step: number): number {
    // The stairs are few, and the last ones are asked for.
    let reached = this.firstSteps.length;
    while (reached > 0 && this.firstSteps[reached - 1] > step) reached--;
    return Math.max(0, reached - 1) / stairs;
  }

  warmthAt(step: number): number {
    return Math.min(1, Math.max((step + 1) / warmUp.steps, this.shareAt(step) / warmUp.share));
  }
}

/** Learning rate as a fraction of its peak: linear warm-up, then half a cosine down to a fiftieth. */
export function learningRateAt(schedule: Schedule, step: number): number {
  const cosine = floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * schedule.shareAt(step)));
  return cosine * schedule.warmthAt(step);
}

/**
 * The same for variational training: after the warm-up at its peak, and over the last three tenths in a straight line down to a fiftieth. Lower
 * bounds are still far from where they end after a few epochs, so that an early fall costs more than its calm gives.
 */
export function variationalLearningRateAt(schedule: Schedule, step: number): number {
  const left = Math.min(1, (1 - schedule.shareAt(step)) / (1 - held));
  return (floor + (1 - floor) * left) * schedule.warmthAt(step);
}
