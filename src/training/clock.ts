/** A longer time between two looks at the clock is none in which the training ran, unless its pieces of work are as long. */
const longestGap = 30;

/**
 * Counts the seconds of a training. The work looks at it often; what passes while the machine sleeps or the process is stopped is not counted,
 * because a schedule that follows the clock would leap over it.
 */
export class Clock {
  private last: number;
  private counted = 0;

  constructor(
    /** Told the seconds of each leap. */
    private readonly onLeap: (seconds: number) => void = () => {},
    /** Milliseconds since any moment. */
    private readonly now: () => number = () => performance.now(),
    /** Seconds that a piece of work may take. */
    public gap = longestGap,
  ) {
    this.last = now();
  }

  get seconds(): number {
    this.tick();
    return this.counted;
  }

  /** Goes on from the seconds of a checkpoint. */
  resumeAt(seconds: number): void {
    this.tick();
    this.counted += seconds;
  }

  tick(): void {
    const passed = this.lap();
    if (passed <= this.gap) this.counted += passed;
    else this.onLeap(passed);
  }

  /** Counts all of what the caller's own functions take. */
  async during<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    this.tick();
    try {
      return await work();
    } finally {
      this.counted += this.lap();
    }
  }

  /** Seconds since the last look, 0 where the clock went backwards. */
  private lap(): number {
    const now = this.now();
    const passed = Math.max(0, now - this.last) / 1000;
    this.last = now;
    return passed;
  }
}

/** Pictures of usual crops are passed through in a tenth of a second; larger ones may take so many times as long. */
export const gapOfCrops = (crop: number): number => longestGap * Math.max(1, (crop / 512) ** 2);
