import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Model } from "../../src/models/model.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { drawPictures } from "../reference/pictures.js";

const images = drawPictures(24, 96, 80, 3);
const photo = { preset: "photo", latents: 24, crop: 32, batch: 4, seed: 5 } as const;
const seconds = 12;
const tolerance = 0.05 * seconds + 5;

/** The clock of a machine that is three times as slow as this one, and six times while it is loaded: its seconds are shorter by as much. */
const speeds = { free: 3, loaded: 6 };
const now = performance.now.bind(performance);
let changed = { real: 0, shown: 0, speed: speeds.free };
const shown = (): number => changed.shown + (now() - changed.real) * changed.speed;
const run = (as: keyof typeof speeds): void => {
  changed = { real: now(), shown: shown(), speed: speeds[as] };
};
beforeEach(() => {
  run("free");
  vi.spyOn(performance, "now").mockImplementation(shown);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function timed(options: TrainOptions): Promise<{ model: Model; seconds: number }> {
  const before = performance.now();
  const model = await train(images, { ...photo, minutes: seconds / 60, ...options });
  return { model, seconds: (performance.now() - before) / 1000 };
}

describe("a training by minutes", () => {
  it.each([
    ["on a machine that is loaded half way", "free", "loaded"],
    ["on a machine that is freed half way", "loaded", "free"],
  ] as const)("ends in time %s, and can be repeated by its steps", async (_, atFirst, halfWay) => {
    run(atFirst);
    const shares: number[] = [];
    const { model, seconds: passed } = await timed({
      earlyStop: { patience: 1000 },
      onProgress: ({ fraction }) => {
        if (fraction > 0.5 && shares.at(-1)! <= 0.5) run(halfWay);
        shares.push(fraction);
      },
    });
    expect(Math.abs(passed - seconds)).toBeLessThan(tolerance);
    // All the way there is word of it, and no step back.
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBeLessThan(0.1);
    expect(shares.at(-1)).toBeGreaterThan(0.8);
    const { steps, schedule } = model.training!;
    expect(schedule!.firstSteps.length).toBeGreaterThan(100);
    const again = await train(images, { ...photo, steps, schedule: schedule!, earlyStop: { patience: 1000 } });
    expect(again.id).toBe(model.id);
    expect(again.training!.schedule).toEqual(schedule);
  });

  it("goes on from a checkpoint with the time that was left, and tells the schedule of both parts", async () => {
    const controller = new AbortController();
    let checkpoint: Uint8Array | undefined;
    const interrupted = timed({
      signal: controller.signal,
      // Not while a slow machine is still at the start, where there is nothing to go on from.
      onProgress: ({ fraction, step }) => step > 0 && fraction > 0.5 && controller.abort(),
      onCheckpoint: (bytes) => {
        checkpoint = bytes;
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
    expect(checkpoint).toBeDefined();
    const before = performance.now();
    const model = await train(images, { resume: checkpoint! });
    expect((performance.now() - before) / 1000).toBeLessThan(seconds / 2 + tolerance);
    expect(Math.abs(model.training!.seconds - seconds)).toBeLessThan(tolerance);
    const { steps, schedule } = model.training!;
    const again = await train(images, { ...photo, steps, schedule: schedule! });
    expect(again.id).toBe(model.id);
  });

  it("tells where the time is too short for variational models of colour pictures", async () => {
    const told = async (options: TrainOptions, channels: 1 | 3) => {
      const warnings: string[] = [];
      const pictures = drawPictures(8, 8, 8, channels);
      const sizes = { preset: "variational", latents: 2, hidden: [4] } as const;
      await train(pictures, { ...sizes, ...options, onWarning: (text) => warnings.push(text) });
      return warnings;
    };
    expect(await told({ minutes: 0.001 }, 3)).toEqual([expect.stringMatching(/colour pictures take hours/)]);
    expect(await told({ minutes: 0.001 }, 1)).toEqual([]);
    expect(await told({ steps: 1 }, 3)).toEqual([]);
  });

  it("makes a model, whatever the time", async () => {
    const { model, seconds: passed } = await timed({ minutes: 1e-6, earlyStop: { patience: 5 } });
    expect(model.training).toMatchObject({ steps: 1, schedule: { tableCrops: 1 } });
    // What one step, one crop and opening the kernels take, and nothing that the usual minutes would give time for.
    expect(passed).toBeLessThan(4 * tolerance);
  });

  it.each([
    ["steps", { schedule: { firstSteps: [0, 3], tableCrops: 3 } }],
    ["ascending", { steps: 9, schedule: { firstSteps: [0, 3, 2], tableCrops: 3 } }],
    ["ascending", { steps: 9, schedule: { firstSteps: [], tableCrops: 3 } }],
    ["an integer", { steps: 9, schedule: { firstSteps: [0], tableCrops: 0.5 } }],
    ["above 0", { minutes: 0 }],
  ])("wants %s", async (what, options) => {
    await expect(train(images, { ...photo, ...options })).rejects.toThrow(
      expect.objectContaining({ code: "invalid-parameter", message: expect.stringContaining(what) }),
    );
  });
});
