import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { finishModel, loadCodec, Model, train } from "../../src/index.js";
import { drawPictures } from "../reference/pictures.js";

const pictures = drawPictures(4, 96, 64, 3);
const model = await train(pictures, { preset: "photo", from: null, steps: 2, latents: 8, tune: "psnr" });

test("a finished model has the weights of a trained one, and tables of its own", async () => {
  const finished = await finishModel(model, pictures, { crops: 1 });
  expect(finished.weights()).toEqual(model.weights());
  expect(finished.configuration).toEqual(model.configuration);
  expect(finished.training).toEqual(model.training);
  expect(finished.tables).not.toEqual(model.tables);
  expect((await finishModel(model, pictures, { crops: 1 })).id).toBe(finished.id);
  expect((await finishModel(model, pictures, { crops: 1, seed: 1 })).id).not.toBe(finished.id);
  const codec = await loadCodec(finished);
  const bytes = await codec.encode(pictures[0]);
  expect(await (await loadCodec(finished.receiver())).decode(bytes)).toEqual(await codec.decode(bytes));
});

test("lazy images are decoded when they are wanted", async () => {
  const [{ width, height }] = pictures;
  let decoded = 0;
  const lazy = pictures.map((picture, i) => ({
    width,
    height,
    digest: String(i),
    decode: async () => {
      decoded++;
      return picture;
    },
  }));
  expect((await finishModel(model, lazy, { crops: 2 })).id).toBe((await finishModel(model, pictures, { crops: 2 })).id);
  expect(decoded).toBeGreaterThan(0);
});

test("what cannot be finished is refused", async () => {
  const half = Model.read(model.receiver());
  const vector = Model.read(await readFile(new URL("../vectors/golden/vector.isthm", import.meta.url)));
  const refusals: [unknown, unknown, RegExp][] = [
    [half, pictures, /Expected a whole model for weights/],
    [vector, pictures, /Expected a model of preset photo that codes for weights but received "one of vector"/],
    [model.bytes, pictures, /Expected a Model for weights/],
    [model, pictures[0], /Expected an array of images for images/],
    [model, [], /Expected at least one image to count in but received none/],
  ];
  for (const [weights, images, message] of refusals)
    await expect(finishModel(weights as never, images as never)).rejects.toThrow(message);
  await expect(finishModel(model, pictures, { crops: 0 })).rejects.toThrow(/integer between 1 and 1000 for crops/);
  await expect(finishModel(model, pictures, { crop: 3 } as never)).rejects.toThrow(/an option of finishModel/);
  await expect(finishModel(model, pictures, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "aborted",
  });
});
