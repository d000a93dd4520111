import { beforeAll, describe, expect, test } from "vitest";
import {
  discreteMarginal,
  type Image,
  type LatentSpace,
  loadCodec,
  loadLatentSpace,
  type Model,
  psnr,
  train,
} from "../../src/index.js";
import { drawBars } from "../reference/bars.js";

const images = drawBars(64);
const common = { latents: 4, hidden: [32], steps: 500, seed: 3, batch: 32 } as const;

let model: Model;
let space: LatentSpace;
let plain: Model;
beforeAll(async () => {
  model = await train(images, { ...common, preset: "variational" });
  space = await loadLatentSpace({ model });
  plain = await train(images, { ...common, preset: "vector", steps: 60 });
});

describe("codes", () => {
  test("are means and deviations, and decode to something like the picture", async () => {
    const code = await space.encode(images[5]);
    expect(code).toMatchObject({ modelId: model.id });
    expect(code.values.length).toBe(4);
    expect(code.deviations?.every((deviation) => deviation > 0 && deviation < 2)).toBe(true);
    const [decoded] = await space.decode([code]);
    expect(psnr(images[5], decoded)).toBeGreaterThan(12);
  });

  test("of a model without prior decode to the picture as its codec does", async () => {
    const other = await loadLatentSpace({ model: plain });
    const code = await other.encode(images[5]);
    expect(code.deviations).toBeUndefined();
    const codec = await loadCodec({ model: plain });
    const coded = await codec.decode(await codec.encode(images[5], { quality: 100 }));
    const [decoded] = await other.decode([code]);
    expect(psnr(coded, decoded)).toBeGreaterThan(25);
  });
});

describe("sampling", () => {
  test("gives the same pictures for the same seed, and others for another", async () => {
    const drawn = await space.sample(70, { seed: 1 });
    expect(drawn.length).toBe(70);
    expect(drawn[0]).toMatchObject({ width: 16, height: 16, channels: 1 });
    expect(await space.sample(70, { seed: 1 })).toEqual(drawn);
    expect(await space.sample(1, { seed: 2 })).not.toEqual(drawn.slice(0, 1));
    // The first of many is the same as of few: pictures do not depend on how many are decoded together.
    expect((await space.sample(70, { seed: 1 })).slice(0, 3)).toEqual(drawn.slice(0, 3));
  });

  test.each([0, -1, 2.5, 10_001])("refuses a count of %s", async (count) => {
    await expect(space.sample(count)).rejects.toMatchObject({ code: "invalid-parameter" });
  });

  test("needs a prior", async () => {
    const other = await loadLatentSpace({ model: plain });
    await expect(other.sample(1)).rejects.toMatchObject({ code: "not-generative" });
    await expect(other.logLikelihood(images.slice(0, 1))).rejects.toMatchObject({ code: "not-generative" });
  });

  test("works with the receiver's half, which cannot encode", async () => {
    const half = await loadLatentSpace({ model: model.receiver() });
    expect(await half.sample(2, { seed: 1 })).toEqual(await space.sample(2, { seed: 1 }));
    await expect(half.encode(images[0])).rejects.toMatchObject({ code: "model-mismatch" });
  });

  test("ends when its signal does", async () => {
    await expect(space.sample(1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("interpolation", () => {
  test.each(["linear", "spherical"] as const)("%s goes from one picture to the other", async (mode) => {
    const [from, to] = [await space.encode(images[0]), await space.encode(images[1])];
    const path = await space.interpolate(images[0], to, 5, { mode });
    const ends = await space.decode([from, to]);
    expect(path.length).toBe(5);
    expect(path[0]).toEqual(ends[0]);
    expect(psnr(path[4], ends[1])).toBeGreaterThan(40);
    expect(path[2]).not.toEqual(path[0]);
  });

  test("takes codes of the same model only", async () => {
    const other = await loadLatentSpace({ model: plain });
    const [ours, theirs] = [await space.encode(images[0]), await other.encode(images[0])];
    await expect(space.interpolate(ours, theirs, 3)).rejects.toMatchObject({ code: "model-mismatch" });
  });

  test.each([
    ["one step", 1, {}],
    ["a mode that there is not", 3, { mode: "cubic" as "linear" }],
  ])("refuses %s", async (_, steps, options) => {
    await expect(space.interpolate(images[0], images[1], steps, options)).rejects.toMatchObject({
      code: "invalid-parameter",
    });
  });
});

describe("exploration", () => {
  test("lists all latents by their influence", async () => {
    const traversals = await space.explore({ steps: 5 });
    expect(traversals.map(({ latent }) => latent).sort()).toEqual([0, 1, 2, 3]);
    const influences = traversals.map(({ influence }) => influence);
    expect([...influences].sort((a, b) => b - a)).toEqual(influences);
    expect(influences[0]).toBeGreaterThan(100);
    expect(traversals.every((traversal) => traversal.images.length === 5)).toBe(true);
  });

  test("starts at a picture, under any model of pictures of one size", async () => {
    const other = await loadLatentSpace({ model: plain });
    const [first] = await other.explore({ image: images[3], steps: 3 });
    expect(first.images.length).toBe(3);
    expect(first.influence).toBeGreaterThan(10);
  });
});

describe("likelihood", () => {
  const binary = (image: Image): Image => ({ ...image, data: image.data.map((sample) => (sample > 127 ? 255 : 0)) });
  const noise: Image = {
    width: 16,
    height: 16,
    channels: 1,
    data: images[0].data.map((_, i) => ((i * 7919) % 3 ? 0 : 255)),
  };

  test("is higher for pictures like those learnt than for noise, and the same for the same seed", async () => {
    const [known, strange] = await space.logLikelihood([binary(images[2]), noise], { samples: 200 });
    expect(known.logLikelihood).toBeGreaterThan(strange.logLikelihood + 50);
    expect(known.standardError).toBeGreaterThan(0);
    expect((await space.logLikelihood([binary(images[2])], { samples: 200 }))[0]).toEqual(known);
  });

  test.each([0, 1.5, 100_001])("refuses %s samples", async (samples) => {
    await expect(space.logLikelihood([noise], { samples })).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});

describe("bad input", () => {
  test("a picture of another size, one of colour, and a code of wrong length or with NaN", async () => {
    const large = { data: new Uint8Array(17 * 16), width: 17, height: 16, channels: 1 };
    const red = { data: new Uint8Array(768).map((_, i) => (i % 3 ? 0 : 200)), width: 16, height: 16, channels: 3 };
    for (const image of [large, red]) {
      await expect(space.encode(image)).rejects.toMatchObject({ code: "invalid-parameter" });
    }
    for (const values of [new Float32Array(3), new Float32Array(4).fill(Number.NaN)]) {
      await expect(space.decode([{ modelId: model.id, values }])).rejects.toMatchObject({ code: "invalid-parameter" });
    }
  });

  test("a model of pictures of any size", async () => {
    const { defaultModel } = await import("../../src/index.js");
    await expect(loadLatentSpace({ model: await defaultModel() })).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});

describe("the marginal of a discrete latent", () => {
  test("is the sum over its values", () => {
    const { marginal, posterior } = discreteMarginal([0.1, 0.2, 0.15, 0.25, 0.05, 0.25]);
    expect(marginal).toBeCloseTo(1 / 6, 12);
    expect(posterior[1]).toBeCloseTo(0.2, 12);
    expect(posterior.reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
  });

  test("weighs by the prior (Bayes' rule)", () => {
    const { marginal, posterior } = discreteMarginal([0.9, 0.05], [0.01, 0.99]);
    expect(marginal).toBeCloseTo(0.0585, 12);
    expect(posterior[0]).toBeCloseTo(0.009 / 0.0585, 12);
  });

  test.each([
    ["no values", [], undefined],
    ["a negative likelihood", [-0.1, 0.5], undefined],
    ["a prior of another length", [0.1, 0.5], [1]],
    ["a prior that does not sum to 1", [0.1, 0.5], [0.5, 0.6]],
    ["NaN", [Number.NaN, 0.5], undefined],
  ])("refuses %s", (_, likelihood, prior) => {
    expect(() => discreteMarginal(likelihood, prior)).toThrowError(
      expect.objectContaining({ code: "invalid-parameter" }),
    );
  });
});
