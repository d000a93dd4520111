import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { Restorer } from "../../src/codec/restorer.js";
import type { DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { shrink } from "../../src/image/resize.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { LatentSpace } from "../../src/latent-space/latent-space.js";
import { Model } from "../../src/models/model.js";
import { Random } from "../../src/nn/random.js";
import { blur } from "../../src/training/corruptions/blur.js";
import type { Corruption } from "../../src/training/corruptions/corruption.js";
import { downscale } from "../../src/training/corruptions/downscale.js";
import { mask } from "../../src/training/corruptions/mask.js";
import { noise } from "../../src/training/corruptions/noise.js";
import { train } from "../../src/training/train.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

const kernels = await loadKernels();
const images = drawPictures(8, 48, 40, 1);
const photo = { preset: "photo", latents: 24, crop: 32, batch: 4, seed: 5 } as const;
/** Of the same kind as those trained on, and not among them. */
const unseen = drawPicture(57, 43, 1, 11);

const damage = (image: DecodedImage, corruption: Corruption): DecodedImage =>
  corruption.apply(image, new Random(kernels, 77)) as DecodedImage;

const denoiser = await train(images, { ...photo, corrupt: noise(25), steps: 80 });

describe("a model that was trained to restore", () => {
  test("takes noise away from pictures of any size that it never saw", async () => {
    const noisy = damage(unseen, noise(25));
    const restorer = await Restorer.create(denoiser.bytes);
    const restored = await restorer.restore(noisy);
    expect(restored).toMatchObject({ width: 57, height: 43, channels: 1 });
    expect(psnr(unseen, restored)).toBeGreaterThan(psnr(unseen, noisy) + 4);
    for (const [width, height] of [
      [1, 1],
      [3, 70],
    ]) {
      expect(await restorer.restore(drawPicture(width, height, 1))).toMatchObject({ width, height });
    }
  });

  test("starts where it changes nothing", async () => {
    const model = await train(images, { ...photo, corrupt: noise(25), steps: 4000, finish: AbortSignal.abort() });
    expect(model.training!.steps).toBe(1);
    const restored = await (await Restorer.create(model)).restore(unseen);
    expect(psnr(unseen, restored)).toBeGreaterThan(35);
  });

  test("says so in its file, which holds neither gains nor prior nor tables", async () => {
    const read = Model.read(denoiser.bytes);
    expect(read.configuration.restoration).toEqual({ corruption: "noise:25", scale: 1 });
    expect([...read.weights().keys()].filter((name) => !/^(analysis|synthesis)\./.test(name))).toEqual([]);
    const receiver = Model.read(read.receiver());
    expect(receiver.id).toBe(read.id);
    expect(await (await Restorer.create(receiver)).restore(unseen)).toEqual(
      await (await Restorer.create(read)).restore(unseen),
    );
  });

  test("restores the same pixels where a picture is cut into strips and turns overlap", async () => {
    const tall = drawPicture(40, 4 * 7000, 1, 3);
    const restorer = await Restorer.create(denoiser);
    const [whole, again] = await Promise.all([restorer.restore(tall), restorer.restore(tall)]);
    expect(again).toEqual(whole);
    // The same rows as the middle of a picture: as far from its borders as anything looks.
    const start = 4 * 1000;
    const rows = 4 * 1500;
    const part = { ...tall, height: rows, data: tall.data.subarray(start * 40, (start + rows) * 40) };
    const middle = await restorer.restore(part);
    const reach = 4 * 12;
    expect(middle.data.subarray(reach * 40, (rows - reach) * 40)).toEqual(
      whole.data.subarray((start + reach) * 40, (start + rows - reach) * 40),
    );
  });

  test("leaves alpha as it is", async () => {
    const withAlpha = drawPicture(40, 33, 2);
    const restored = await (await Restorer.create(denoiser)).restore(withAlpha);
    expect(restored.channels).toBe(2);
    const alpha = ({ data }: { data: Uint8Array }) => data.filter((_, i) => i % 2 === 1);
    expect(alpha(restored)).toEqual(alpha(withAlpha));
  });

  test("undoes what happens once to each picture, whole: a blur", async () => {
    const model = await train(images, { ...photo, corrupt: blur(1.6), steps: 100 });
    const blurry = damage(unseen, blur(1.6));
    const restored = await (await Restorer.create(model)).restore(blurry);
    expect(psnr(unseen, restored)).toBeGreaterThan(psnr(unseen, blurry) + 1);
  });

  test("fills what is missing of pictures of one size", async () => {
    const small = drawPictures(40, 16, 16, 1);
    const model = await train(small, { preset: "vector", corrupt: mask(6), steps: 250, seed: 1 });
    const restorer = await Restorer.create(model);
    const gains = small.slice(0, 8).map(async (image) => {
      const masked = damage(image, mask(6));
      return psnr(image, await restorer.restore(masked)) - psnr(image, masked);
    });
    expect(Math.min(...(await Promise.all(gains)))).toBeGreaterThan(2);
    await expect(restorer.restore(unseen)).rejects.toMatchObject({
      code: "invalid-parameter",
      message: expect.stringContaining("Expected 16 x 16 pixels"),
    });
  });

  test("enlarges what was made smaller", async () => {
    const model = await train(drawPictures(6, 48, 40, 3), { ...photo, corrupt: "downscale:2", steps: 15 });
    const picture = drawPicture(50, 44, 3, 12);
    const small = shrink(picture, 2);
    const restored = await (await Restorer.create(model)).restore(small);
    expect(restored).toMatchObject({ width: 50, height: 44, channels: 3 });
    expect(psnr(picture, restored)).toBeGreaterThan(psnr(picture, damage(picture, downscale(2))) - 0.5);
  });

  test("learns from pairs of the user's own", async () => {
    const inputs = images.map((image) => ({ ...image, data: image.data.map((value) => value >> 1) }));
    const model = await train(images, { ...photo, inputs, steps: 80, earlyStop: { patience: 3 } });
    expect(model.configuration.restoration).toEqual({ corruption: "pairs", scale: 1 });
    const dark = { ...unseen, data: unseen.data.map((value) => value >> 1) };
    const restored = await (await Restorer.create(model)).restore(dark);
    expect(psnr(unseen, restored)).toBeGreaterThan(psnr(unseen, dark) + 5);
  });

  test("goes on from another such model, and from a checkpoint to the same weights", async () => {
    const corrupt = noise(15);
    const further = await train(images, { ...photo, corrupt, from: denoiser, steps: 2 });
    expect(further.configuration.restoration?.corruption).toBe("noise:15");
    const clean = await (await Restorer.create(further)).restore(damage(unseen, corrupt));
    expect(psnr(unseen, clean)).toBeGreaterThan(26);

    const controller = new AbortController();
    let checkpoint: Uint8Array | undefined;
    const interrupted = train(images, {
      ...photo,
      corrupt: blur(2),
      steps: 30,
      signal: controller.signal,
      onCheckpoint: (bytes) => {
        checkpoint = bytes;
      },
      onProgress: ({ step }) => step >= 1 && controller.abort(),
    });
    await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
    const whole = await train(images, { ...photo, corrupt: blur(2), steps: 30 });
    const resumed = await train(images, { corrupt: blur(2), resume: checkpoint! });
    expect(resumed.id).toBe(whole.id);
    await expect(train(images, { resume: checkpoint! })).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("can be aborted", async () => {
    const restorer = await Restorer.create(denoiser);
    const signal = AbortSignal.abort();
    await expect(restorer.restore(unseen, { signal })).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("what does not go together", () => {
  test("coding with a model that restores, and restoring with one that codes", async () => {
    await expect(Codec.create(denoiser)).rejects.toMatchObject({
      code: "model-unsuited",
      message: expect.stringContaining("noise:25"),
    });
    const vector = await train(images, { preset: "vector", hidden: [16], corrupt: noise(9), steps: 1 });
    await expect(LatentSpace.create(vector)).rejects.toMatchObject({ code: "model-unsuited" });
    const coder = await train(images, { ...photo, steps: 1 });
    await expect(Restorer.create(coder)).rejects.toMatchObject({
      code: "model-unsuited",
      message: expect.stringContaining("preset photo"),
    });
    await expect(train(images, { ...photo, from: coder, corrupt: noise(9) })).rejects.toMatchObject({
      code: "invalid-parameter",
      message: expect.stringContaining("to restore"),
    });
  });

  test("colour and a model of grey", async () => {
    const restorer = await Restorer.create(denoiser);
    await expect(restorer.restore(drawPicture(20, 20, 3))).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("pictures that are too large", async () => {
    const restorer = await Restorer.create(denoiser);
    await expect(restorer.restore(unseen, { maxPixels: 100 })).rejects.toMatchObject({ code: "image-too-large" });
  });

  test.each([
    ["fewer inputs than images", { inputs: images.slice(1) }, "invalid-training-set"],
    ["inputs of another size", { inputs: drawPictures(8, 40, 48, 1) }, "invalid-training-set"],
    ["inputs and a corruption", { inputs: images, corrupt: "noise:25" }, "invalid-parameter"],
    ["a corruption that nobody knows", { corrupt: "rain:3" }, "invalid-parameter"],
    ["a sparse model that restores", { preset: "sparse", corrupt: "noise:25" }, "invalid-parameter"],
    [
      "a corruption that changes the size",
      { corrupt: { name: "half", drawn: "once", apply: (image: DecodedImage) => shrink(image, 2) } },
      "invalid-parameter",
    ],
    [
      "a corruption of crops that takes its time",
      { corrupt: { name: "late", drawn: "always", apply: async (image: DecodedImage) => image } },
      "invalid-parameter",
    ],
  ] as const)("%s", async (_, options, code) => {
    await expect(train(images, { ...photo, steps: 1, ...options } as object)).rejects.toMatchObject({ code });
  });
});
