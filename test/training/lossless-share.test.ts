import { describe, expect, test } from "vitest";
import { createCodec } from "../../src/index.js";
import { defaultModel } from "../../src/models/default-model.js";
import { Breath } from "../../src/training/breath.js";
import { losslessWarnings, mayRest, withLosslessShare } from "../../src/training/lossless-share.js";
import { planTraining, type TrainPlan } from "../../src/training/plan.js";
import { factsOf } from "../../src/training/set-facts.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { drawPictures } from "../reference/pictures.js";

const glyph = (seed: number) => drawExactPicture({ width: 48, height: 40, channels: 1, kind: "ink", seed });
const glyphs = Array.from({ length: 20 }, (_, seed) => glyph(seed + 10));
const photos = drawPictures(20, 48, 40, 3);
/** Few colours without any order: latents take far fewer bytes. */
const dithered = Array.from({ length: 4 }, (_, seed) => {
  const noise = drawExactPicture({ width: 48, height: 40, channels: 1, kind: "noise", seed });
  return { ...noise, data: noise.data.map((sample) => (sample >> 4) * 17) };
});

const factsWith = async (images: typeof photos, options: TrainOptions = {}) => {
  const breath = new Breath();
  return withLosslessShare(await factsOf(images, breath), images, options, breath);
};
const trains = { peak: 1 } as TrainPlan;
const rests = { peak: 0 } as TrainPlan;

describe("the share of a set that goes without loss", () => {
  test.each([
    ["all", glyphs, 20],
    ["none", photos, 0],
    ["half", [...glyphs, ...photos], 20],
    ["none, though colours are few,", dithered, 0],
  ])("is %s of it where the codec says so", async (_, images, count) => {
    expect((await factsWith(images)).lossless).toEqual({ count, of: images.length });
  });

  test("is estimated where images are decoded when they are wanted", async () => {
    const lazy = glyphs.map(({ width, height }, i) => ({
      width,
      height,
      digest: `${i}`,
      decode: async () => glyphs[i],
    }));
    const breath = new Breath();
    const { lossless } = await withLosslessShare(await factsOf(lazy, breath), lazy, {}, breath);
    expect(lossless!.count).toBe(lossless!.of);
    expect(lossless!.of).toBeLessThanOrEqual(16);
  });

  test("is nothing to models that draw or restore", async () => {
    for (const options of [{ preset: "variational" }, { preset: "sparse" }, { corrupt: "noise:9" }] as const) {
      expect(await factsWith(glyphs, options)).not.toHaveProperty("lossless");
    }
  });

  test("is told in a sentence", async () => {
    const all = await factsWith(glyphs);
    expect(losslessWarnings(all, rests)[0]).toMatch(
      /^20 of 20 images have few colours .* takes seconds; with minutes or steps/,
    );
    expect(losslessWarnings(all, trains)[0]).toContain("trained without minutes and steps");
    expect(losslessWarnings(await factsWith([...glyphs, ...photos]), trains)).toEqual([
      "20 of 40 images have few colours and go without loss, whatever a network learns",
    ]);
    expect(losslessWarnings(await factsWith(photos), trains)).toEqual([]);
  });
});

describe("a network with nothing to learn", () => {
  test("rests unless somebody asks for it", async () => {
    const all = await factsWith(glyphs);
    expect(mayRest(all, { seed: 3, earlyStop: { patience: 5 }, name: "glyphs" })).toBe(true);
    expect(mayRest(all, { preset: "photo", from: await defaultModel() })).toBe(true);
    const asked: TrainOptions[] = [
      { minutes: 1 },
      { steps: 5 },
      { preset: "vector" },
      { from: null },
      { tune: "psnr" },
    ];
    for (const options of [...asked, { latents: 8 }, { difference: 0 }]) expect(mayRest(all, options)).toBe(false);
    expect(mayRest(await factsWith(photos), {})).toBe(false);
    expect(planTraining(all, { steps: 5 }).peak).toBeGreaterThan(0);
    expect(planTraining(all, { minutes: 1 }).seconds).toBe(60);
  });

  test("stays as it is, and what its planes start from makes them shorter", async () => {
    const told: string[] = [];
    const model = await train(glyphs, { onWarning: (message) => told.push(message) });
    const embedded = await defaultModel();
    expect(told).toEqual([expect.stringContaining("20 of 20 images")]);
    expect(model.training).toMatchObject({ steps: 0, images: 20 });
    expect(model.parent?.id).toBe(embedded.id);
    for (const [name, values] of embedded.weights()) expect(model.weights().get(name), name).toEqual(values);
    expect(model.configuration).toEqual(embedded.configuration);
    expect(model.receiver().length).toBeLessThan(5000);
    const [own, usual] = await Promise.all([createCodec(model), createCodec(embedded)]);
    const lengths = { own: 0, usual: 0 };
    for (const other of [1, 2, 3, 4, 5].map(glyph)) {
      const stream = await own.encode(other);
      expect(await own.decode(stream)).toEqual(other);
      lengths.own += stream.length;
      lengths.usual += (await usual.encode(other)).length;
    }
    expect(lengths.own).toBeLessThan(lengths.usual);
  });
});
