import { describe, expect, it } from "vitest";
import {
  learningRateAt,
  StairSchedule,
  StepSchedule,
  stairs,
  variationalLearningRateAt,
} from "../../src/training/schedule.js";

describe("a schedule by steps", () => {
  it("warms up over a tenth of the steps or 200, and falls to a fiftieth", () => {
    const rates = Array.from({ length: 1001 }, (_, step) => learningRateAt(new StepSchedule(1000), step));
    expect(rates[0]).toBeCloseTo(0.01, 6);
    expect(Math.max(...rates)).toBeGreaterThan(0.97);
    expect(rates[500]).toBeCloseTo(0.51, 6);
    expect(rates[1000]).toBeCloseTo(0.02, 6);
    expect(new StepSchedule(1e6).warmthAt(99)).toBe(0.5);
    expect(new StepSchedule(1).warmthAt(0)).toBe(1);
  });

  it("holds the rate of variational training until seven tenths", () => {
    const at = (step: number) => variationalLearningRateAt(new StepSchedule(10_000), step);
    expect([at(5000), at(7000)]).toEqual([1, 1]);
    expect(at(8500)).toBeCloseTo(0.51, 6);
  });
});

describe("a schedule by the clock", () => {
  it("follows the share of time, never falls, and can be repeated from what it wrote down", () => {
    const schedule = new StairSchedule([]);
    // Steps that take longer and longer, then a machine that is freed.
    const shares = [0, 0.001, 0.01, 0.05, 0.2, 0.19, 0.5, 0.51, 0.52, 0.53, 0.9, 1];
    const seen = shares.map((share, step) => {
      schedule.climb(step, share);
      return schedule.shareAt(step);
    });
    seen.forEach((share, step) => {
      const wanted = Math.min(1 - 1 / stairs, Math.max(...shares.slice(0, step + 1)));
      expect(wanted - share).toBeGreaterThanOrEqual(0);
      expect(wanted - share).toBeLessThan(1 / stairs);
    });
    const again = new StairSchedule(JSON.parse(JSON.stringify(schedule.firstSteps)));
    expect(shares.map((_, step) => again.shareAt(step))).toEqual(seen);
    expect(shares.map((_, step) => learningRateAt(again, step))).toEqual(
      shares.map((_, step) => learningRateAt(schedule, step)),
    );
  });

  it("warms up over a tenth of the time or 200 steps", () => {
    const slow = new StairSchedule([]);
    slow.climb(0, 0);
    slow.climb(1, 0.05);
    slow.climb(2, 0.2);
    expect(slow.warmthAt(0)).toBeCloseTo(0.005, 9);
    expect(slow.warmthAt(1)).toBeCloseTo(0.47, 1);
    expect(slow.warmthAt(2)).toBe(1);
    expect(new StairSchedule([0]).warmthAt(99)).toBe(0.5);
  });
});
