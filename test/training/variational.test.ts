import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { psnr } from "../../src/image/psnr.js";
import { Model } from "../../src/models/model.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { drawBars } from "../reference/bars.js";
import { drawPictures } from "../reference/pictures.js";

const images = drawBars(64);
const small = { preset: "variational", latents: 4, hidden: [32], batch: 32, seed: 3 } as const;

describe("a variational model", () => {
  test.each(["bernoulli", "gaussian"] as const)("codes pictures in the usual streams, %s", async (likelihood) => {
    const model = await train(images, { ...small, steps: 500, likelihood });
    expect(model.configuration).toMatchObject({ preset: "variational", likelihood, posterior: "gaussian" });
    expect(model.training).toMatchObject({ beta: 1, samples: 1, warmUp: 0, binarize: false });
    const codec = await Codec.create(Model.read(model.bytes));
    const receiver = await Codec.create(model.receiver());
    const results = [];
    for (const quality of [0, 50, 100]) {
      const bytes = await codec.encode(images[5], { quality, bare: true });
      const bare = { ...images[5], grey: true };
      const decoded = await receiver.decode(bytes, { bare });
      expect(decoded).toEqual(await codec.decode(bytes, { bare }));
      expect(await codec.encode(images[5], { quality, effort: 9, bare: true })).toEqual(bytes);
      results.push({ bytes: bytes.length, psnr: psnr(images[5], decoded) });
    }
    expect(results[0].bytes).toBeLessThan(results[2].bytes);
    expect(results[2].psnr).toBeGreaterThan(12);
  });

  test("learns: its loss falls, and the divergence stays at zero under a heavy beta", async () => {
    const start = await train(images, { ...small, steps: 1 });
    const end = await train(images, { ...small, steps: 400 });
    expect(end.training!.loss).toBeLessThan(0.8 * start.training!.loss);
    const heavy = await train(images, { ...small, steps: 200, beta: 1000 });
    expect(heavy.training!.bitsPerPixel).toBeLessThan(0.2 * end.training!.bitsPerPixel);
  });

  test("takes colour with alpha, warm-up, several samples and images drawn anew at every step", async () => {
    const pictures = drawPictures(12, 12, 10, 4);
    const options: TrainOptions[] = [
      { warmUp: 0.5, beta: 2 },
      { samples: 12 },
      { samples: 3, binarize: true, likelihood: "bernoulli" },
    ];
    for (const option of options) {
      const model = await train(pictures, { ...small, steps: 4, ...option });
      const codec = await Codec.create(model);
      const decoded = await codec.decode(await codec.encode(pictures[1]));
      expect(decoded).toMatchObject({ width: 12, height: 10, channels: 4 });
    }
  });

  test("is the same for the same seed, and goes on from a checkpoint to exactly the same weights", async () => {
    const controller = new AbortController();
    const options = { ...small, steps: 40, binarize: true, samples: 2 };
    let resume: Uint8Array | undefined;
    const interrupted = train(images, {
      ...options,
      signal: controller.signal,
      onCheckpoint: (bytes) => {
        resume = bytes;
      },
      onProgress: ({ step }) => {
        if (step >= 1) controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
    const whole = await train(images, options);
    expect((await train(images, { resume: resume! })).id).toBe(whole.id);
    expect((await train(images, options)).id).toBe(whole.id);
    expect((await train(images, { ...options, seed: 4 })).id).not.toBe(whole.id);
  });

  test("goes on from a model, with more samples, and stops early on held-out images", async () => {
    const model = await train(images, { ...small, steps: 200 });
    const more = await train(images, { from: model, steps: 60, samples: 5, earlyStop: { patience: 2 } });
    expect(more.configuration.analysis.hidden).toEqual([32]);
    expect(more.training).toMatchObject({ samples: 5 });
    expect(more.training!.loss).toBeLessThan(1.05 * model.training!.loss);
  });

  test("warns where the neck is not undercomplete", async () => {
    const warnings: string[] = [];
    const pictures = drawPictures(8, 4, 4, 1);
    const onWarning = (message: string) => warnings.push(message);
    await train(pictures, { ...small, latents: 16, steps: 1, onWarning });
    expect(warnings).toEqual([expect.stringContaining("16 latents for 16 samples")]);
    await train(pictures, { ...small, latents: 15, steps: 1, onWarning });
    expect(warnings.length).toBe(1);
  });
});

describe("bad input", () => {
  test.each([
    ["a beta of zero", { beta: 0 }],
    ["a beta beyond all bounds", { beta: 1001 }],
    ["a beta that is no number", { beta: Number.NaN }],
    ["no samples", { samples: 0 }],
    ["too many samples", { samples: 1001 }],
    ["samples with a beta", { samples: 5, beta: 2 }],
    ["a warm-up of two trainings", { warmUp: 2 }],
    ["a learning rate of zero", { learningRate: 0 }],
    ["no latents", { latents: 0 }],
    ["beta without the preset", { preset: "vector", beta: 2 } as const],
  ])("%s", async (_, wrong) => {
    await expect(train(images, { ...small, steps: 1, ...wrong })).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("images that are all the same, and of several sizes", async () => {
    const copies = Array.from({ length: 5 }, () => images[0]);
    for (const set of [copies, [...images, ...drawPictures(1, 9, 16, 1)]]) {
      await expect(train(set, { ...small, steps: 1 })).rejects.toMatchObject({ code: "invalid-training-set" });
    }
  });

  test("training that diverges names the step", async () => {
    const diverging = train(images, {
      ...small,
      steps: 2000,
      learningRate: 1,
      likelihood: "gaussian",
      activation: "identity",
      hidden: Array.from({ length: 8 }, () => 16),
    });
    await expect(diverging).rejects.toMatchObject({
      code: "training-diverged",
      message: expect.stringMatching(/not finite at step \d+/),
    });
  });
});
