import { describe, expect, it } from "vitest";
import { Clock, gapOfCrops } from "../../src/training/clock.js";

describe("the clock of a training", () => {
  it("counts the time that passes, and none while the machine sleeps, of which it tells", () => {
    let milliseconds = 5000;
    const leaps: number[] = [];
    const clock = new Clock(
      (seconds) => leaps.push(seconds),
      () => milliseconds,
    );
    milliseconds += 12_000;
    expect(clock.seconds).toBe(12);
    milliseconds += 3_600_000;
    clock.tick();
    milliseconds += 500;
    expect(clock.seconds).toBe(12.5);
    expect(leaps).toEqual([3600]);
  });

  it("stands still where the engine's clock goes backwards", () => {
    let milliseconds = 5000;
    const clock = new Clock(undefined, () => milliseconds);
    milliseconds = 1000;
    expect(clock.seconds).toBe(0);
    milliseconds = 3000;
    expect(clock.seconds).toBe(2);
  });

  it("counts all that a function of the caller's takes, and what was spent before a checkpoint", async () => {
    let milliseconds = 0;
    const clock = new Clock(undefined, () => milliseconds);
    clock.resumeAt(100);
    expect(await clock.during(async () => (milliseconds += 90_000))).toBe(90_000);
    expect(clock.seconds).toBe(190);
  });

  it("lets the pieces of large crops take longer", () => {
    expect(gapOfCrops(192)).toBe(30);
    expect(gapOfCrops(4096)).toBe(64 * 30);
  });
});
