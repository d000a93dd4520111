import { describe, expect, test } from "vitest";
import { Codec } from "../src/codec/codec.js";
import { createDecoder } from "../src/codec/create-decoder.js";
import { writeContainer } from "../src/codec/stream/container.js";
import { unpackFrames } from "../src/exchange/frames.js";
import { bytesOfHex } from "../src/ground/bytes.js";
import { createReceiver, inspect, loadCodec, loadDecoder, loadModel } from "../src/index.js";
import { readImage } from "../src/node/read-image.js";
import { readTensorFile, writeTensorFile } from "./reference/decoder/safetensors.js";
import { drawExactPicture } from "./reference/exact-pictures.js";
import { goldenModel, readGolden } from "./vectors/golden-files.js";

/** The limits of SECURITY.md, one by one. */

const modelBytes = readGolden("photo.isthm");
const stream = readGolden("photo-9x9.isth");
const picture = drawExactPicture({ width: 9, height: 9, channels: 3, kind: "scene", seed: 5 });
const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });

describe("maxPixels", () => {
  test("is the most that decoding, encoding and receiving take", async () => {
    const codec = await Codec.create(modelBytes);
    const receiver = createReceiver({ resolveModel: () => modelBytes });
    const calls = [
      (maxPixels: number) => codec.decode(stream, { maxPixels }),
      (maxPixels: number) => codec.encode(picture, { maxPixels }),
      (maxPixels: number) => receiver.decode(stream, { maxPixels }),
    ];
    for (const call of calls) {
      await expect(call(80)).rejects.toThrow(withCode("image-too-large"));
      await expect(call(81)).resolves.toBeDefined();
    }
  });

  test.each([Number.NaN, 0, -1, "81", null])("that limits nothing is refused: %o", async (maxPixels) => {
    const codec = await Codec.create(modelBytes);
    const options = { maxPixels: maxPixels as number };
    await expect(codec.decode(stream, options)).rejects.toThrow(withCode("invalid-parameter"));
    await expect(codec.encode(picture, options)).rejects.toThrow(withCode("invalid-parameter"));
    const bare = { width: 9, height: 9 };
    await expect(codec.decode(stream, { ...options, bare })).rejects.toThrow(withCode("invalid-parameter"));
  });

  test("of receivers is 2^26 by default", async () => {
    const receiver = createReceiver({ resolveModel: () => modelBytes });
    const modelId = bytesOfHex(goldenModel("photo").id);
    const plain = { modelId, grey: true, payload: "plane" as const, plane: Uint8Array.of(1) };
    const large = writeContainer({ ...plain, width: 2 ** 13 + 1, height: 2 ** 13 });
    await expect(receiver.decode(large)).rejects.toThrow(withCode("image-too-large"));
    await expect(receiver.decode(writeContainer({ ...plain, width: 2 ** 13, height: 2 ** 13 }))).resolves.toBeDefined();
  });

  test("holds for files before they are decoded", async () => {
    const sharp = (await import("sharp")).default;
    const file = await sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await expect(readImage(file, { maxPixels: 1199 })).rejects.toThrow(withCode("image-too-large"));
    await expect(readImage(file, { maxPixels: 1200 })).resolves.toMatchObject({ width: 40 });
  });
});

describe("maxModelBytes", () => {
  const maxModelBytes = modelBytes.length - 1;

  test("is the longest model file that is read", async () => {
    expect(() => loadModel(modelBytes, { maxModelBytes })).toThrow(withCode("invalid-model"));
    expect(loadModel(modelBytes, { maxModelBytes: modelBytes.length }).id).toBe(goldenModel("photo").id);
    expect(() => inspect(modelBytes, { maxModelBytes })).toThrow(withCode("invalid-model"));
    expect(inspect(modelBytes, { maxModelBytes: modelBytes.length })).toMatchObject({ kind: "model" });
    await expect(loadCodec({ model: modelBytes, maxModelBytes })).rejects.toThrow(withCode("invalid-model"));
    await expect(loadDecoder({ model: modelBytes, maxModelBytes })).rejects.toThrow(withCode("invalid-model"));
    expect(() => loadModel(modelBytes, { maxModelBytes: Number.NaN })).toThrow(withCode("invalid-parameter"));
  });

  test("holds for the tensors of a coded file, however few bytes it has", async () => {
    const model = goldenModel("photo");
    const coded = model.coded();
    const tensors = [...readTensorFile(coded).tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(coded.length).toBeLessThan(tensors);
    for (const open of [loadCodec, loadDecoder]) {
      const refused = open({ model: coded, maxModelBytes: tensors - 1 });
      await expect(refused).rejects.toThrow(withCode("invalid-model"));
      await expect(open({ model: coded, maxModelBytes: tensors })).resolves.toBeDefined();
    }
    const receiver = createReceiver({ resolveModel: () => coded, maxModelBytes: tensors - 1 });
    await expect(receiver.decode(stream)).rejects.toThrow(withCode("invalid-model"));
  });

  test("ends an answer that has no end", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
      cancel: () => {
        cancelled = true;
      },
    });
    const receiver = createReceiver({ resolveModel: () => new Response(endless), maxModelBytes: 1 << 20 });
    await expect(receiver.decode(stream)).rejects.toThrow(withCode("model-missing"));
    expect(cancelled).toBe(true);
  });

  test("holds for what a receiver is given", async () => {
    const receiver = createReceiver({ resolveModel: () => modelBytes, maxModelBytes });
    await expect(receiver.decode(stream)).rejects.toThrow(withCode("invalid-model"));
    const answered = createReceiver({ resolveModel: () => new Response(modelBytes.slice()) });
    await expect(answered.decode(stream)).resolves.toMatchObject({ width: 9 });
  });
});

describe("maxMemory", () => {
  test("refuses a model that does not fit", async () => {
    await expect(loadCodec({ model: modelBytes, maxMemory: 1 << 16 })).rejects.toThrow(withCode("memory-exceeded"));
    await expect(loadDecoder({ model: modelBytes, maxMemory: 1 << 16 })).rejects.toThrow(withCode("memory-exceeded"));
    await expect(loadCodec({ model: modelBytes, maxMemory: Number.NaN })).rejects.toThrow(
      withCode("invalid-parameter"),
    );
  });

  test("ends the decoding of a picture whose strips do not fit, and nothing else", async () => {
    const codec = await Codec.create(modelBytes);
    const large = await codec.encode(
      drawExactPicture({ width: 1200, height: 900, channels: 3, kind: "scene", seed: 1 }),
      { quality: 0 },
    );
    const decoder = await createDecoder(modelBytes, { maxMemory: 2 << 20 });
    const small = await decoder.decode(stream);
    await expect(decoder.decode(large)).rejects.toThrow(withCode("memory-exceeded"));
    expect(await decoder.decode(stream)).toEqual(small);
    const receiver = createReceiver({ resolveModel: () => modelBytes, maxMemory: 2 << 20 });
    await expect(receiver.decode(large)).rejects.toThrow(withCode("memory-exceeded"));
  });
});

test("maxFrameBytes is the longest frame of a sequence", async () => {
  const unpack = async (maxFrameBytes: number) => {
    for await (const _ of unpackFrames([Uint8Array.of(3, 1, 2, 3)], { maxFrameBytes }));
  };
  await expect(unpack(2)).rejects.toThrow(withCode("corrupt"));
  await expect(unpack(3)).resolves.toBeUndefined();
  await expect(unpack(Number.NaN)).rejects.toThrow(withCode("invalid-parameter"));
});

test("the header of a model file has at most 2^18 bytes", () => {
  const file = readTensorFile(modelBytes);
  const withFacts = (length: number): Uint8Array => {
    const training = JSON.stringify({ name: "x".repeat(length) });
    return writeTensorFile({ ...file, metadata: { ...file.metadata, training } });
  };
  const headerOf = (bytes: Uint8Array): number =>
    Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const room = 2 ** 18 - headerOf(withFacts(0));
  expect(headerOf(withFacts(room))).toBe(2 ** 18);
  expect(loadModel(withFacts(room)).id).toBe(goldenModel("photo").id);
  expect(() => loadModel(withFacts(room + 8))).toThrow(withCode("not-isthmus"));
});
