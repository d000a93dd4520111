import type { RecordedSchedule } from "../models/model.js";
import type { Clock } from "./clock.js";
import type { TrainPlan } from "./plan.js";
import { type Schedule, StairSchedule, StepSchedule } from "./schedule.js";

/** Crops counted into the coding tables, at each quality, where there is time. */
const usualTableCrops = 24;
/** Most of the time that is kept for counting, and for all that comes after the last step. */
const mostKept = { counting: 0.08, all: 0.15 };
/** Seconds, and share of the time at most, for writing the model. */
const writing = { seconds: 0.3, share: 0.01 };

/** Decides how long a training goes on: by its steps, by those of an earlier training's schedule, or by the clock. */
export class Timetable {
  readonly schedule: Schedule;
  private readonly climbed: StairSchedule | undefined;
  /** Seconds that counting one crop into the tables takes, and a last evaluation. */
  private counting = 0;
  private evaluating = 0;

  constructor(
    private readonly plan: TrainPlan,
    private readonly clock: Clock,
    firstSteps: readonly number[] = [],
  ) {
    const { steps, schedule } = plan;
    this.climbed = steps > 0 ? undefined : new StairSchedule([...firstSteps]);
    this.schedule = this.climbed ?? (schedule ? new StairSchedule([...schedule.firstSteps]) : new StepSchedule(steps));
  }

  /** What a checkpoint has to know of the schedule. */
  get firstSteps(): readonly number[] | undefined {
    return this.climbed?.firstSteps;
  }

  get followsClock(): boolean {
    return this.climbed !== undefined;
  }

  /** Tells the seconds that the work after the last step would take now. */
  expect(times: { readonly counting?: number; readonly evaluating?: number }): void {
    this.counting = times.counting ?? this.counting;
    this.evaluating = times.evaluating ?? this.evaluating;
  }

  /** Whether step `step` is to be taken, which takes about so many seconds. Call it before each step. */
  goesOn(step: number, stepSeconds: number): boolean {
    const { climbed } = this;
    if (!climbed) return step < this.plan.steps;
    const share = this.share;
    if (step > 0 && this.clock.seconds + stepSeconds / 2 >= this.forSteps) return false;
    climbed.climb(step, share);
    return true;
  }

  /** Steps of the whole training, as far as is known after `step` of them. */
  expectedSteps(step: number): number {
    if (!this.climbed) return this.plan.steps;
    return Math.max(step, Math.round(step / Math.max(this.share, 1e-3)));
  }

  /** How much of the steps' time or number is done, 0 .. 1. */
  done(step: number): number {
    return this.climbed ? this.share : this.schedule.shareAt(step);
  }

  /** Whether one more crop is to be counted into the tables, after so many, of which the last took so many seconds. */
  countsOn(crops: number, cropSeconds: number): boolean {
    if (this.plan.schedule) return crops < this.plan.schedule.tableCrops;
    if (crops >= usualTableCrops) return false;
    return !this.climbed || this.clock.seconds + cropSeconds < this.seconds - this.writing;
  }

  /** How to repeat a training that counted so many crops. */
  record(tableCrops: number): RecordedSchedule | undefined {
    return this.climbed ? { firstSteps: [...this.climbed.firstSteps], tableCrops } : this.plan.schedule;
  }

  private get share(): number {
    return Math.min(1, this.clock.seconds / this.forSteps);
  }

  /** Seconds from the start after which no step is begun. */
  private get forSteps(): number {
    const { seconds } = this;
    const counting = Math.min(usualTableCrops * this.counting, mostKept.counting * seconds);
    return seconds - Math.min(counting + this.evaluating + this.writing, mostKept.all * seconds);
  }

  private get writing(): number {
    return Math.min(writing.seconds, writing.share * this.seconds);
  }

  private get seconds(): number {
    return this.plan.seconds ?? Number.POSITIVE_INFINITY;
  }
}
