import { describe, expect, it } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { inspect } from "../../src/codec/inspect.js";
import { readSafetensors, writeSafetensors } from "../../src/ground/safetensors.js";
import type { Image } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { tuneOf } from "../../src/models/configuration.js";
import type { Model } from "../../src/models/model.js";
import { train } from "../../src/training/train.js";
import type { TrainProgress } from "../../src/training/train-options.js";
import { drawPictures } from "../reference/pictures.js";
import { planned } from "./planned.js";

const images = drawPictures(6, 48, 40, 3);
const small = { preset: "photo", latents: 24, crop: 32, batch: 4, seed: 5 } as const;

/** The checkpoint that a training leaves when it is ended after its first steps. */
async function interruptedCheckpoint(steps: number): Promise<Uint8Array> {
  const controller = new AbortController();
  const checkpoints: Uint8Array[] = [];
  const interrupted = train(images, {
    ...small,
    steps,
    signal: controller.signal,
    onCheckpoint: (bytes) => {
      checkpoints.push(bytes);
    },
    onProgress: ({ step }) => {
      if (step >= 1) controller.abort();
    },
  });
  await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
  expect(checkpoints.length).toBe(1);
  return checkpoints[0];
}

describe("train", () => {
  it("gives the same weights for the same seed and others for another", async () => {
    const first = await train(images, { ...small, steps: 6 });
    const again = await train(images, { ...small, steps: 6 });
    const other = await train(images, { ...small, steps: 6, seed: 6 });
    // Not the files, which tell how long it took. The id is that of what receivers have.
    expect(again.id).toBe(first.id);
    expect([...again.weights()]).toEqual([...first.weights()]);
    expect(other.id).not.toBe(first.id);
  });

  it("resumes from a checkpoint to exactly the weights of an undisturbed run", async () => {
    const whole = await train(images, { ...small, steps: 12 });
    const resumed = await train(images, { resume: await interruptedCheckpoint(12) });
    expect(resumed.id).toBe(whole.id);
    expect(resumed.training?.steps).toBe(12);
  });

  it("refuses to resume with other images, other validation images, or from what is no checkpoint of its own", async () => {
    const resume = await interruptedCheckpoint(12);
    await expect(train(images.slice(1), { resume })).rejects.toMatchObject({
      code: "invalid-training-set",
      message: "Expected the 6 images of the checkpoint but received 5",
    });
    const changed = images.map((image) => ({ ...image, data: image.data.slice() }));
    changed[3].data[100] ^= 1;
    for (const others of [changed, images.toReversed()]) {
      await expect(train(others, { resume })).rejects.toMatchObject({
        code: "invalid-training-set",
        message: "Expected the 6 images of the checkpoint but received others",
      });
    }
    await expect(train(images, { resume, validation: changed })).rejects.toMatchObject({
      code: "invalid-training-set",
    });
    await expect(train(images, { resume: new Uint8Array([1, 2, 3]) })).rejects.toMatchObject({ code: "truncated" });
    const { tensors, metadata } = readSafetensors(resume);
    const { version: _, ...earlier } = metadata;
    const other = writeSafetensors({ tensors, metadata: earlier });
    await expect(train(images, { resume: other })).rejects.toMatchObject({
      code: "unsupported-version",
      message: expect.stringMatching(/^Expected a checkpoint of version 3 but received one of version 1/),
    });
  });

  it("lowers the loss and reports its progress", async () => {
    const reports: TrainProgress[] = [];
    const start = await train(images, { ...small, steps: 1 });
    const model = await train(images, { ...small, steps: 250, onProgress: (report) => reports.push(report) });
    expect(model.training!.loss).toBeLessThan(start.training!.loss * 0.9);
    expect(reports[0].phase).toBe("start");
    expect(reports.at(-1)).toMatchObject({ phase: "finish", step: 250, steps: 250 });
    const training = reports.filter(({ phase }) => phase === "train");
    expect(training.length).toBeGreaterThan(0);
    expect(training.at(-1)!.imagesPerSecond).toBeGreaterThan(0);
    // Nothing is told of steps before there was one, and their end is told once.
    for (const report of training) {
      expect(report.step).toBeGreaterThan(0);
      for (const value of [report.loss, report.bitsPerPixel, report.psnr]) expect(value).not.toBeNaN();
    }
    expect(training.filter(({ step, steps }) => step === steps).length).toBe(1);
  });

  it("hands out models on the way without leaving its own", async () => {
    const snapshots: Model[] = [];
    const options = { ...small, steps: 60 };
    const watched = await train(images, {
      ...options,
      snapshotSeconds: 0,
      onSnapshot: (model) => {
        snapshots.push(model);
      },
    });
    expect(watched.weights()).toEqual((await train(images, options)).weights());
    expect(snapshots.length).toBeGreaterThan(0);
    const { steps } = snapshots[0].training!;
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(60);
    const codec = await Codec.create(snapshots[0]);
    const decoded = await codec.decode(await codec.encode(images[0]));
    expect(psnr(images[0], decoded)).toBeGreaterThan(15);
  });

  it("ends in good order, with a model, when it is asked to finish", async () => {
    const controller = new AbortController();
    const model = await train(images, {
      ...small,
      steps: 100_000,
      finish: controller.signal,
      onProgress: ({ step }) => {
        if (step >= 1) controller.abort();
      },
    });
    expect(model.part).toBe("all");
    expect(model.training!.steps).toBeGreaterThan(0);
    expect(model.training!.steps).toBeLessThan(1000);
    expect(Number.isFinite(model.training!.loss)).toBe(true);
  });

  it("stops early when held-out images no longer improve, and says so in the model's facts", async () => {
    const noise = drawPictures(12, 16, 16, 1).map((image, seed) => ({
      ...image,
      data: image.data.map((_, i) => (Math.imul(i + 977 * seed, 2654435761) >>> 24) & 255),
    }));
    const model = await train(noise, {
      preset: "vector",
      latents: 8,
      hidden: [64],
      steps: 400,
      earlyStop: { patience: 2 },
    });
    expect(model.training!.steps).toBeLessThan(400);
  });

  it("judges early stopping by the validation images, and does not train on them", async () => {
    const noise = (seed: number): Image => ({
      data: Uint8Array.from({ length: 256 }, (_, i) => (Math.imul(i + 977 * seed, 2654435761) >>> 24) & 255),
      width: 16,
      height: 16,
      channels: 1,
    });
    const [known, other] = [
      [noise(1), noise(2)],
      [noise(3), noise(4)],
    ];
    const options = {
      preset: "vector",
      latents: 8,
      batch: 8,
      steps: 400,
      earlyStop: { patience: 2 },
    } as const;
    const model = await train(known, { ...options, validation: other });
    expect(model.training).toMatchObject({ images: 2 });
    expect(model.training!.steps).toBeLessThan(400);
    const byHeart = await train(known, { ...options, validation: known });
    expect(byHeart.training!.steps).toBeGreaterThan(model.training!.steps);
    await expect(train(known, { ...options, validation: drawPictures(1, 9, 9, 1) })).rejects.toMatchObject({
      code: "invalid-training-set",
    });
  });
});

describe("the vector preset", () => {
  for (const channels of [1, 3, 4] as const) {
    it(`codes images of one size with ${channels} channels`, async () => {
      const pictures = drawPictures(24, 12, 10, channels);
      const model = await train(pictures, { preset: "vector", latents: 16, steps: 150, batch: 16 });
      const codec = await Codec.create(model);
      const bytes = await codec.encode(pictures[0], { quality: 100 });
      const decoded = await codec.decode(bytes);
      expect(decoded).toMatchObject({ width: 12, height: 10, channels });
      expect(psnr(pictures[0], decoded)).toBeGreaterThan(18);
      await expect(codec.encode(drawPictures(1, 13, 10, channels)[0])).rejects.toMatchObject({
        code: "invalid-parameter",
      });
    });
  }
});

describe("the choice of a preset", () => {
  it.each([
    ["small grey images of one size", drawPictures(2, 12, 10, 1), "vector"],
    ["colour", drawPictures(2, 12, 10, 3), "photo"],
    ["several sizes", [...drawPictures(1, 12, 10, 1), ...drawPictures(1, 10, 12, 1)], "photo"],
    ["large images", drawPictures(2, 80, 72, 1), "photo"],
  ] as const)("%s", async (_, pictures, preset) => {
    expect((await planned(pictures)).configuration.preset).toBe(preset);
  });
});

describe("the choice of a tune", () => {
  const photos = drawPictures(2, 40, 32, 3);

  it.each([
    ["photos of 32 pixels and more", photos, {}, "ssimulacra2"],
    ["photos, one of them smaller", [...photos, ...drawPictures(1, 40, 31, 3)], {}, "psnr"],
    ["what is asked for", photos, { tune: "psnr" }, "psnr"],
    ["what is asked for of small ones", drawPictures(2, 12, 10, 3), { tune: "ssimulacra2" }, "ssimulacra2"],
    ["pictures of one size", drawPictures(2, 40, 32, 1), { preset: "vector" }, "psnr"],
    ["models that restore", photos, { corrupt: "noise:9" }, "psnr"],
  ] as const)("%s", async (_, pictures, options, tune) => {
    expect(tuneOf((await planned(pictures, options)).configuration)).toBe(tune);
  });

  it("is told by a trained model and by its receiver's half", async () => {
    for (const tune of ["ssimulacra2", "psnr"] as const) {
      const model = await train(images, { ...small, steps: 1, tune });
      expect([model.bytes, model.receiver()].map((bytes) => inspect(bytes))).toMatchObject([{ tune }, { tune }]);
    }
  });

  it.each([
    ["vector", { preset: "vector" }, 'Expected psnr, with preset vector, for tune but received "ssimulacra2"'],
    ["variational", { preset: "variational" }, "Expected psnr, with preset variational, for tune"],
    ["sparse", { preset: "sparse" }, "Expected psnr, with preset sparse, for tune"],
    [
      "photo, to restore",
      { preset: "photo", corrupt: "noise:9" },
      "Expected psnr, with a model that restores, for tune",
    ],
  ])("refuses SSIMULACRA 2 for the preset %s", async (_, options, message) => {
    const training = train(drawPictures(2, 12, 10, 1), { steps: 1, tune: "ssimulacra2", ...options } as never);
    await expect(training).rejects.toMatchObject({
      code: "invalid-parameter",
      message: expect.stringContaining(message),
    });
  });

  it("refuses what is no tune", async () => {
    const training = train(images, { steps: 1, tune: "butteraugli" as "psnr" });
    await expect(training).rejects.toThrow('Expected one of ssimulacra2, psnr for tune but received "butteraugli"');
  });
});

const flat = (side: number, level: number) => ({
  data: new Uint8Array(side * side * 3).fill(level),
  ...{ width: side, height: side, channels: 3 as const },
});

describe("bad training input", () => {
  it.each([
    ["no images", [], {}, "invalid-training-set"],
    [
      "mixed sizes for vector",
      [...drawPictures(1, 8, 8, 1), ...drawPictures(1, 9, 8, 1)],
      { preset: "vector" },
      "invalid-training-set",
    ],
    [
      "copies of one picture, to draw others like it",
      [images[0], images[0]],
      { preset: "variational" },
      "invalid-training-set",
    ],
    ["copies of one picture, for a sparse code", [images[0], images[0]], { preset: "sparse" }, "invalid-training-set"],
    [
      "nothing but one colour, to restore",
      [flat(8, 60), flat(9, 60)],
      { preset: "photo", corrupt: "noise:9" },
      "invalid-training-set",
    ],
    ["too many latents", images, { preset: "photo", latents: 193 }, "invalid-parameter"],
    ["no minutes", images, { minutes: 0 }, "invalid-parameter"],
    ["minutes and steps", images, { minutes: 1, steps: 5 }, "invalid-parameter"],
    ["an unknown preset", images, { preset: "poster" as "photo" }, "invalid-parameter"],
    ["a fractional seed", images, { seed: 0.5 }, "invalid-parameter"],
    ["something that is no image", [{ data: "x", width: 1, height: 1 } as never], {}, "invalid-parameter"],
  ])("%s", async (_, pictures, options, code) => {
    await expect(train(pictures, { steps: 1, ...options } as never)).rejects.toMatchObject({ code });
  });

  it("a single pixel, all black, is enough to make a model that works", async () => {
    const black = flat(1, 0);
    const model = await train([black], { preset: "photo", latents: 8, steps: 2 });
    const codec = await Codec.create(model);
    // No image holds colour, so that the model knows none.
    const decoded = await codec.decode(await codec.encode(black));
    expect(decoded).toMatchObject({ width: 1, height: 1, channels: 1 });
  });
});
