import type { TrainProgress } from "./options.js";
import type { StepResult } from "./step.js";

const secondsBetweenReports = 0.5;

/** Means over recent steps, speed, and time left; tells the listener about twice a second. */
export class ProgressMeter {
  private startedAt = performance.now();
  private reportedAt = Number.NEGATIVE_INFINITY;
  private firstStep = 0;
  private firstSecond = 0;
  private loss = Number.NaN;
  private bitsPerPixel = Number.NaN;
  private meanSquaredError = Number.NaN;
  /** NaN where no step tells it. */
  private ssimulacra2 = Number.NaN;

  constructor(
    private readonly batch: number,
    private readonly onProgress: ((progress: TrainProgress) => void) | undefined,
  ) {}

  /** Seconds since the start of training, those before a resumed checkpoint included. */
  get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  resumeAt(step: number, seconds: number): void {
    this.startedAt = performance.now() - seconds * 1000;
    this.firstStep = step;
    this.firstSecond = seconds;
  }

  add(step: number, steps: number, result: StepResult): void {
    const isFirst = step === this.firstStep + 1;
    if (isFirst) this.firstSecond = this.seconds;
    const mix = (mean: number, value: number): number =>
      Number.isNaN(mean) ? value : mean + (value - mean) / Math.min(200, step - this.firstStep);
    this.loss = mix(this.loss, result.loss);
    this.bitsPerPixel = mix(this.bitsPerPixel, result.bitsPerPixel);
    this.meanSquaredError = mix(this.meanSquaredError, result.meanSquaredError);
    this.ssimulacra2 = mix(this.ssimulacra2, result.ssimulacra2 ?? Number.NaN);
    const isDue = this.seconds - this.reportedAt > secondsBetweenReports;
    if (isFirst || isDue || step === steps) this.report("train", step, steps);
  }

  report(phase: TrainProgress["phase"], step: number, steps: number): void {
    if (!this.onProgress) return;
    this.reportedAt = this.seconds;
    const speed = (step - this.firstStep - 1) / (this.seconds - this.firstSecond);
    this.onProgress({
      phase,
      step,
      steps,
      loss: this.loss,
      bitsPerPixel: this.bitsPerPixel,
      psnr: this.psnr,
      ...this.score,
      imagesPerSecond: speed > 0 ? speed * this.batch : 0,
      secondsLeft: speed > 0 ? (steps - step) / speed : 0,
    });
  }

  /** What goes into the model's training facts. */
  summary(): { seconds: number; loss: number; bitsPerPixel: number; psnr: number; ssimulacra2?: number } {
    const { loss, bitsPerPixel, psnr, score } = this;
    return { seconds: Math.round(this.seconds), loss, bitsPerPixel, psnr, ...score };
  }

  private get score(): { ssimulacra2?: number } {
    return Number.isNaN(this.ssimulacra2) ? {} : { ssimulacra2: this.ssimulacra2 };
  }

  private get psnr(): number {
    return 10 * Math.log10((255 * 255) / this.meanSquaredError);
  }
}
