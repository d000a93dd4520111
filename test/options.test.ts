import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as browser from "../src/browser.js";
import {
  contactSheet,
  createCodec,
  createPool,
  createReceiver,
  createRestorer,
  createSender,
  loadCodec,
  loadDecoder,
  loadLatentSpace,
  loadModel,
  train,
  trainPreview,
  unpackFrames,
} from "../src/index.js";
import * as node from "../src/node.js";
import { averageColor, decodePreview, encodePreview, previewToText } from "../src/preview.js";
import { drawPicture } from "./reference/pictures.js";

const file = (name: string) => new Uint8Array(readFileSync(new URL(`./vectors/golden/${name}`, import.meta.url)));
const model = file("photo.isthm");
const stream = file("photo-8x8.isth");
const picture = drawPicture(8, 8, 3);
const preview = encodePreview(picture);
const codec = await loadCodec({ model });
const decoder = await loadDecoder({ model });
const receiver = createReceiver({ resolveModel: () => model });
const sender = await createSender({ model });
const space = await loadLatentSpace({ model: file("vector.isthm") });

/** Every public function that takes options, with one that it does not know. */
const unknown: [string, (options: never) => unknown][] = [
  ["loadCodec", (options) => loadCodec(options)],
  ["loadDecoder", (options) => loadDecoder(options)],
  ["loadLatentSpace", (options) => loadLatentSpace(options)],
  ["createCodec", (options) => createCodec(model, options)],
  ["createRestorer", (options) => createRestorer(model, options)],
  ["loadModel", (options) => loadModel(model, options)],
  ["createSender", (options) => createSender(options)],
  ["createReceiver", (options) => createReceiver(options)],
  ["createPool", (options) => createPool(() => null as never, options)],
  ["encode", (options) => codec.encode(picture, options)],
  ["encode", (options) => codec.encodeTo(picture, options)],
  ["encode", (options) => codec.encodeRows({ width: 8, height: 8, channels: 3, rows: [picture.data] }, options)],
  ["encode", (options) => sender.encode(picture, options)],
  ["decode", (options) => codec.decode(stream, options)],
  ["decode", (options) => decoder.decode(stream, options)],
  ["decode", (options) => decoder.decodeRows(stream, options)],
  ["decode", (options) => receiver.decode(stream, options)],
  ["unpackFrames", (options) => unpackFrames([], options).next()],
  ["train", (options) => train([picture], options)],
  ["trainPreview", (options) => trainPreview([picture, picture], options)],
  ["contactSheet", (options) => contactSheet([picture], options)],
  ["decode", (options) => space.decode([], options)],
  ["sample", (options) => space.sample(1, options)],
  ["interpolate", (options) => space.interpolate(picture, picture, 2, options)],
  ["explore", (options) => space.explore(options)],
  ["logLikelihood", (options) => space.logLikelihood([], options)],
  ["encodePreview", (options) => encodePreview(picture, options)],
  ["decodePreview", (options) => decodePreview(preview, options)],
  ["averageColor", (options) => averageColor(preview, options)],
  ["previewToText", (options) => previewToText(preview, options)],
  ["readImage", (options) => node.readImage("photo.png", options)],
  ["readImage", (options) => node.openImageRows("photo.png", options)],
  ["readImages", (options) => node.readImages("photos", options)],
  ["openImages", (options) => node.openImages("photos", options)],
  ["readImageMetadata", (options) => node.readImageMetadata("photo.png", options)],
  ["writeImage", (options) => node.writeImage(picture, "photo.png", options)],
  ["packImage", (options) => node.packImage(picture, "png", options)],
  ["openModel", (options) => node.openModel("my.isthm", options)],
  ["train", (options) => node.train([picture], options)],
  ["readImage", (options) => browser.readImage(picture, options)],
  ["toBlob", (options) => browser.toBlob(picture, options)],
];

test.each(unknown)("%s refuses options that it does not know, and those that are none", async (owner, call) => {
  const of = (options: unknown) => (async () => call(options as never))();
  const message = expect.stringMatching(
    new RegExp(`^Expected one of .* for an option of ${owner} but received "epochs"$`),
  );
  await expect(of({ epochs: 3 })).rejects.toMatchObject({ code: "invalid-parameter", message });
  await expect(of("my.isthm")).rejects.toMatchObject({ name: "IsthmusError", code: "invalid-parameter" });
});

describe("options", () => {
  test.each([
    [{ Quality: 1 }, "Quality", "quality"],
    [{ qualty: 1 }, "qualty", "quality"],
    [{ target_bytes: 1 }, "target_bytes", "targetBytes"],
    [{ onprogress: () => {} }, "onprogress", "onProgress"],
  ])("%o is told what was meant", async (options, received, meant) => {
    const message = expect.stringMatching(new RegExp(`but received "${received}": did you mean "${meant}"\\?$`));
    await expect(codec.encode(picture, options as never)).rejects.toMatchObject({ code: "invalid-parameter", message });
  });

  const wrong: [(options: never) => unknown, object, string][] = [
    [(options) => train([picture], options), { minutes: "0.1" }, 'Expected a number for minutes but received "0.1"'],
    [
      (options) => train([picture], options),
      { binarize: 1 },
      "Expected a boolean for binarize but received 1 of type number",
    ],
    [
      (options) => train([picture], options),
      { signal: {} },
      "Expected an AbortSignal for signal but received an object (Object)",
    ],
    [(options) => codec.encode(picture, options), { quality: "60" }, 'Expected a number for quality but received "60"'],
    [
      (options) => codec.encode(picture, options),
      { bare: 1 },
      "Expected a boolean for bare but received 1 of type number",
    ],
    [
      (options) => codec.encode(picture, options),
      { onProgress: true },
      "Expected a function for onProgress but received true of type boolean",
    ],
    [
      (options) => decoder.decode(stream, options),
      { bare: true },
      'Expected a size of 1 to 268435456 pixels for bare but received "undefined x undefined"',
    ],
    [
      (options) => decoder.decode(stream, options),
      { maxPixels: "9" },
      'Expected a number of at least 1 for maxPixels but received "9"',
    ],
    [
      (options) => space.sample(1, options),
      { seed: 0.5 },
      "Expected a 32-bit integer for seed but received 0.5 of type number",
    ],
    [
      (options) => createReceiver(options),
      {},
      "Expected a function for resolveModel but received undefined of type undefined",
    ],
  ];
  test.each(wrong)("of another type are refused (%#)", async (call, options, message) => {
    await expect((async () => call(options as never))()).rejects.toMatchObject({ code: "invalid-parameter", message });
  });

  test("that are undefined are not there", async () => {
    const bytes = await codec.encode(picture, { quality: undefined, signal: undefined, metadata: undefined });
    expect(bytes).toEqual(await codec.encode(picture));
  });

  test("may be a bare model", async () => {
    const loaded = [await loadCodec(model), await loadCodec(codec.model), await loadCodec({ bytes: model })];
    for (const { model: read } of loaded) expect(read.id).toBe(codec.model.id);
    expect((await loadDecoder(model)).model.id).toBe(codec.model.id);
    expect((await createSender(model)).modelId).toBe(codec.model.id);
    await expect(loadCodec("my.isthm" as never)).rejects.toMatchObject({
      code: "invalid-parameter",
      message: expect.stringMatching(/for model but received "my\.isthm": read or fetch it first$/),
    });
  });
});
