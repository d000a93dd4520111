import { describe, expect, it } from "vitest";
import { defaultModel } from "../../src/models/default-model.js";
import { Breath } from "../../src/training/breath.js";
import { factsOf } from "../../src/training/set-facts.js";
import { train } from "../../src/training/train.js";
import type { TrainOptions } from "../../src/training/train-options.js";
import { startOf } from "../../src/training/usual-start.js";
import { drawPictures } from "../reference/pictures.js";

const photos = drawPictures(4, 80, 72, 3);
const embedded = await defaultModel();

const startsAt = async (options: TrainOptions, images = photos) =>
  startOf(await factsOf(images, new Breath()), options);

describe("what a training starts from", () => {
  it("is the embedded model for photos", async () => {
    expect((await startsAt({}))?.id).toBe(embedded.id);
    expect((await startsAt({ preset: "photo" }, drawPictures(4, 32, 32, 3)))?.id).toBe(embedded.id);
    expect((await startsAt({ learningRate: 1e-4, tune: "psnr" }))?.id).toBe(embedded.id);
  });

  it.each([
    ["what is asked for is nothing", { from: null }],
    ["another neck is asked for", { latents: 24 }],
    ["other patches are asked for", { patch: 16 }],
    ["another start is asked for", { start: "random" }],
    ["pictures are to be restored", { corrupt: "noise:9" }],
    ["pictures are to be restored by pairs", { inputs: photos }],
    ["the preset is another", { preset: "vector" }],
  ] as [string, TrainOptions][])("is nothing where %s", async (_, options) => {
    expect(await startsAt(options)).toBeUndefined();
  });

  it("is the model that is asked for", async () => {
    const other = await train(photos, { preset: "photo", latents: 8, steps: 1, batch: 1, crop: 32 });
    expect(await startsAt({ from: other })).toBe(other);
  });

  it("makes the difference: weights of the embedded model, a little changed, or others", async () => {
    const options = { preset: "photo", steps: 1, batch: 1, crop: 32, learningRate: 1e-6 } as const;
    const away = async (model: Promise<typeof embedded>) => {
      const weights = (await model).weights().get("synthesis.projection.linear.weight")!;
      const known = embedded.weights().get("synthesis.projection.linear.weight")!;
      return weights.reduce((most, value, i) => Math.max(most, Math.abs(value - known[i])), 0);
    };
    expect(await away(train(photos, options))).toBeLessThan(0.01);
    expect(await away(train(photos, { ...options, from: null }))).toBeGreaterThan(0.05);
  });
});
