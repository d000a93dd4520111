import type { Clock } from "./clock.js";
import type { StepResult } from "./step.js";
import type { TrainProgress } from "./train-options.js";

const secondsBetweenReports = 0.5;
/** Parts of the work before and after the steps, for the fraction where no clock tells it. */
const shares = { start: 0.02, finish: 0.05 };
/** Steps that the means reach back over. */
const longestMemory = 200;

/** Means over recent steps, speed, and time left; tells the listener about twice a second. */
export class ProgressMeter {
  private phase: TrainProgress["phase"] = "start";
  /** Of the phase, 0 .. 1. */
  private part = 0;
  private step = 0;
  private steps = 0;
  private reportedAt = Number.NEGATIVE_INFINITY;
  private firstStep = 0;
  private firstSecond = 0;
  private loss = Number.NaN;
  private bitsPerPixel = Number.NaN;
  private meanSquaredError = Number.NaN;
  /** NaN where no step tells it. */
  private ssimulacra2 = Number.NaN;

  constructor(
    private readonly clock: Clock,
    private readonly onProgress: ((progress: TrainProgress) => void) | undefined,
  ) {}

  /** Images a step, and the seconds in which all is to be done where there are such. */
  plan: { readonly batch: number; readonly seconds?: number } = { batch: 0 };

  /** Goes on after `step` of `steps`. */
  resumeAt(step: number, steps: number): void {
    this.step = step;
    this.steps = steps;
    this.firstStep = step;
  }

  enter(phase: TrainProgress["phase"]): void {
    this.phase = phase;
    this.part = 0;
    this.firstSecond = this.clock.seconds;
    this.report();
  }

  /** Tells that so much of the phase is done, 0 .. 1. */
  advance(part: number): void {
    this.part = part;
    this.look();
  }

  /** `share`: of the steps that is done; `steps`: those that there will be, as far as is known. */
  add(step: number, share: number, steps: number, result: StepResult): void {
    this.step = step;
    this.steps = steps;
    this.part = share;
    const isFirst = step === this.firstStep + 1;
    const mix = (mean: number, value: number): number =>
      Number.isNaN(mean) ? value : mean + (value - mean) / Math.min(longestMemory, step - this.firstStep);
    this.loss = mix(this.loss, result.loss);
    this.bitsPerPixel = mix(this.bitsPerPixel, result.bitsPerPixel);
    this.meanSquaredError = mix(this.meanSquaredError, result.meanSquaredError);
    this.ssimulacra2 = mix(this.ssimulacra2, result.ssimulacra2 ?? Number.NaN);
    if (isFirst || step === steps) this.report();
    else this.look();
    if (isFirst) this.firstSecond = this.clock.seconds;
  }

  /** Reports where it is time to. */
  look(): void {
    if (this.clock.seconds - this.reportedAt > secondsBetweenReports) this.report();
  }

  /** Steps a second of this run. */
  get speed(): number {
    const passed = this.clock.seconds - this.firstSecond;
    return passed > 0 ? Math.max(0, this.step - this.firstStep - 1) / passed : 0;
  }

  /** What goes into the model's training facts. */
  summary(): { seconds: number; loss: number; bitsPerPixel: number; psnr: number; ssimulacra2?: number } {
    const { loss, bitsPerPixel, psnr, score } = this;
    return { seconds: Math.round(this.clock.seconds), loss, bitsPerPixel, psnr, ...score };
  }

  private get score(): { ssimulacra2?: number } {
    return Number.isNaN(this.ssimulacra2) ? {} : { ssimulacra2: this.ssimulacra2 };
  }

  private report(): void {
    // Of the steps there is nothing to tell before the first one.
    if (!this.onProgress || (this.phase === "train" && Number.isNaN(this.loss))) return;
    const { phase, step, steps, loss, bitsPerPixel, psnr, score, fraction } = this;
    this.reportedAt = this.clock.seconds;
    this.onProgress({
      phase,
      fraction,
      step,
      steps,
      loss,
      bitsPerPixel,
      psnr,
      ...score,
      imagesPerSecond: phase === "train" ? this.speed * this.plan.batch : 0,
      secondsLeft: this.secondsLeft,
    });
  }

  /** Of all phases together. */
  private get fraction(): number {
    const { seconds } = this.plan;
    if (seconds !== undefined) return Math.min(1, this.clock.seconds / seconds);
    if (this.phase === "start") return shares.start * this.part;
    if (this.phase === "train") return shares.start + (1 - shares.start - shares.finish) * this.part;
    return 1 - shares.finish * (1 - this.part);
  }

  private get secondsLeft(): number {
    const { seconds } = this.plan;
    if (seconds !== undefined) return Math.max(0, seconds - this.clock.seconds);
    return this.phase === "train" && this.speed > 0 ? (this.steps - this.step) / this.speed : 0;
  }

  private get psnr(): number {
    return 10 * Math.log10((255 * 255) / this.meanSquaredError);
  }
}
