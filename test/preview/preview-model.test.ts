import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inspect, loadModel, train, trainPreview } from "../../src/index.js";
import { defaultPreviewModel } from "../../src/preview/embedded.js";
import { previewPsnr } from "../../src/preview/likeness.js";
import { decodePreview, encodePreview, loadPreviewModel, previewToText } from "../../src/preview.js";
import { picture } from "../node/pictures.js";
import { drawPictures } from "../reference/pictures.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });
const images = drawPictures(6, 40, 30, 3);

describe("preview models", () => {
  it("are embedded as they are in models/", async () => {
    const model = loadPreviewModel(await readFile(new URL("../../models/preview.isthm", import.meta.url)));
    expect(defaultPreviewModel()).toEqual(model);
  });

  it("are trained on one's own images: the same seed gives the same model", async () => {
    const options = { steps: 6, seed: 4, name: "drawn", licence: "CC0-1.0" };
    const model = await trainPreview(images, options);
    expect((await trainPreview(images, options)).bytes).toEqual(model.bytes);
    expect((await trainPreview(images, { ...options, seed: 5 })).id).not.toBe(model.id);
    const loaded = loadPreviewModel(model.bytes);
    expect(loaded).toEqual({ id: model.id, weights: model.weights });
    const preview = encodePreview(images[0], { model });
    const text = previewToText(preview, { model });
    expect(text.startsWith(`${model.id}.`)).toBe(true);
    expect(decodePreview(text, { model: loaded })).toEqual(decodePreview(preview, { model }));
    expect(() => decodePreview(text)).toThrow(withCode("model-mismatch"));
    expect(() => decodePreview(previewToText(encodePreview(images[0])), { model })).toThrow(withCode("model-mismatch"));
    expect(inspect(model.bytes)).toMatchObject({
      kind: "preview-model",
      id: model.id,
      preset: "preview",
      training: { name: "drawn", steps: "6" },
    });
    expect(() => loadModel(model.bytes)).toThrow(withCode("not-isthmus"));
  });

  it("learn: more steps make better previews of such images", async () => {
    const mean = async (steps: number): Promise<number> => {
      const model = await trainPreview(images, { steps, seed: 1 });
      return images.reduce((sum, image) => sum + previewPsnr(image, { model, bytes: 12 }), 0) / images.length;
    };
    expect(await mean(240)).toBeGreaterThan((await mean(3)) + 1);
  });

  it("tell progress and end when asked to", async () => {
    const seen: number[] = [];
    await trainPreview(images, { steps: 4, onProgress: ({ step }) => seen.push(step) });
    expect(seen.at(-1)).toBeGreaterThanOrEqual(4);
    await expect(trainPreview(images, { signal: AbortSignal.abort() })).rejects.toEqual(withCode("aborted"));
  });

  it("name what is wrong", async () => {
    await expect(trainPreview([picture(9, 9)])).rejects.toEqual(withCode("invalid-training-set"));
    await expect(trainPreview(images, { steps: 0 })).rejects.toEqual(withCode("invalid-parameter"));
    await expect(trainPreview(images, { seed: 0.5 })).rejects.toEqual(withCode("invalid-parameter"));
    const photo = await train(images, { preset: "photo", steps: 1, latents: 8 });
    expect(() => loadPreviewModel(photo.bytes)).toThrow(withCode("invalid-model"));
    expect(() => loadPreviewModel(new Uint8Array(4))).toThrow(withCode("truncated"));
    expect(() => loadPreviewModel(new TextEncoder().encode("These are words, not weights."))).toThrow(
      withCode("not-isthmus"),
    );
    const file = await readFile(new URL("../../models/preview.isthm", import.meta.url));
    const changed = (from: string, to: string): Uint8Array => {
      const text = file.toString("latin1");
      expect(text).toContain(from);
      return Buffer.from(text.replace(from, to), "latin1");
    };
    expect(() => loadPreviewModel(changed('"version":"1"', '"version":"2"'))).toThrow(withCode("unsupported-version"));
    expect(() => loadPreviewModel(changed('priorHidden\\":', 'priorHidden\\"='))).toThrow(withCode("corrupt"));
    expect(() => loadPreviewModel(changed('"priorBias"', '"priorBios"'))).toThrow(withCode("invalid-model"));
  });
});
