import { beforeAll, describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { streamMetadata } from "../../src/codec/inspect.js";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { Model } from "../../src/models/model.js";
import { train } from "../../src/training/train.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

const vectorSize = { width: 12, height: 10 };
let photo: Model;
let vector: Model;
let codec: Codec;
let vectorCodec: Codec;

beforeAll(async () => {
  photo = await train(drawPictures(6, 48, 40, 3), {
    preset: "photo",
    latents: 24,
    crop: 32,
    batch: 4,
    seed: 5,
    steps: 40,
  });
  vector = await train(drawPictures(12, 12, 10, 3), { preset: "vector", latents: 8, batch: 12, seed: 5, steps: 40 });
  codec = await Codec.create(photo);
  vectorCodec = await Codec.create(vector);
});

const roundTrip = async (image: DecodedImage, quality = 60): Promise<DecodedImage> =>
  codec.decode(await codec.encode(image, { quality }));

describe("an image", () => {
  const sizes = [
    [1, 1],
    [1, 9],
    [7, 5],
    [8, 8],
    [9, 9],
    [17, 33],
    [1, 500],
    [500, 1],
    [130, 90],
  ];
  const shapes = sizes.flatMap(([width, height]) =>
    ([1, 2, 3, 4] as const).map((channels) => ({ width, height, channels })),
  );

  test.each(shapes)("of $width x $height x $channels comes back in its shape and likeness", async (shape) => {
    const image = drawPicture(shape.width, shape.height, shape.channels, 2);
    const decoded = await roundTrip(image, 90);
    expect(decoded).toMatchObject(shape);
    expect(decoded.data.length).toBe(shape.width * shape.height * shape.channels);
    // A disc's edge fills the smallest pictures and is little known to a model of forty steps.
    expect(psnr(image, decoded)).toBeGreaterThan(12);
  });

  test("may be an ImageData's clamped samples, without a word about channels", async () => {
    const { data, width, height } = drawPicture(20, 10, 4);
    const bytes = await codec.encode({ data: new Uint8ClampedArray(data), width, height });
    expect(bytes).toEqual(await codec.encode({ data, width, height, channels: 4 }));
  });

  test("is not touched by encoding", async () => {
    const image = drawPicture(20, 10, 4);
    await codec.encode(image);
    expect(image).toEqual(drawPicture(20, 10, 4));
  });

  test.each([
    ["no pixels", { data: new Uint8Array(0), width: 0, height: 0, channels: 3 }, "invalid-parameter"],
    ["too few samples", { data: new Uint8Array(11), width: 2, height: 2, channels: 3 }, "invalid-parameter"],
    ["five channels", { data: new Uint8Array(20), width: 2, height: 2, channels: 5 }, "invalid-parameter"],
    ["floats", { data: new Float32Array(12), width: 2, height: 2, channels: 3 }, "invalid-parameter"],
    ["an endless side", { data: new Uint8Array(3), width: 65537, height: 1, channels: 3 }, "invalid-parameter"],
    ["nothing", null, "invalid-parameter"],
  ])("with %s is refused", async (_, image, code) => {
    await expect(codec.encode(image as never)).rejects.toMatchObject({ code });
  });

  test("larger than the caller allows is refused on both sides", async () => {
    const image = drawPicture(10, 10, 3);
    const bytes = await codec.encode(image, { maxPixels: 100 });
    await expect(codec.encode(image, { maxPixels: 99 })).rejects.toMatchObject({ code: "image-too-large" });
    await expect(codec.decode(bytes, { maxPixels: 99 })).rejects.toMatchObject({ code: "image-too-large" });
  });
});

describe("quality", () => {
  test("buys likeness for bytes", async () => {
    const images = [0, 1, 2].map((seed) => drawPicture(96, 64, 3, seed));
    const scores: { bytes: number; decibels: number }[] = [];
    for (const quality of [0, 25, 50, 75, 100]) {
      let bytes = 0;
      let decibels = 0;
      for (const image of images) {
        const stream = await codec.encode(image, { quality });
        bytes += stream.length;
        decibels += psnr(image, await codec.decode(stream));
      }
      const last = scores.at(-1);
      expect(bytes).toBeGreaterThan(last?.bytes ?? 0);
      expect(decibels).toBeGreaterThan(last?.decibels ?? 0);
      scores.push({ bytes, decibels });
    }
  });

  test("is 75 unless said otherwise, and has 256 levels", async () => {
    const image = drawPicture(20, 20, 3);
    expect(await codec.encode(image)).toEqual(await codec.encode(image, { quality: 75 }));
    expect(await codec.encode(image, { quality: 50.05 })).toEqual(await codec.encode(image, { quality: 50 }));
    expect(await codec.encode(image, { quality: 50.4 })).not.toEqual(await codec.encode(image, { quality: 50 }));
  });

  test.each([-0.01, 100.01, Number.NaN, Number.POSITIVE_INFINITY, "50"])("%s is refused", async (quality) => {
    const options = { quality: quality as number };
    await expect(codec.encode(drawPicture(8, 8, 3), options)).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});

describe("the same image", () => {
  const images = ([3, 1, 4, 3, 2] as Channels[]).map((channels, seed) =>
    drawPicture(40 + 9 * seed, 31, channels, seed),
  );

  test("gives the same bytes and pixels again, whatever was coded in between, and in another codec", async () => {
    const first: Uint8Array[] = [];
    for (const image of images) first.push(await codec.encode(image));
    const pixels = await codec.decode(first[0]);
    const other = await Codec.create(photo.bytes);
    for (const one of [codec, other]) {
      for (const [i, image] of [...images.entries()].reverse()) expect(await one.encode(image)).toEqual(first[i]);
      expect(await one.decode(first[0])).toEqual(pixels);
    }
  });

  test("is coded alike by calls that overlap and by calls in turn, failed ones among them", async () => {
    const streams: Uint8Array[] = [];
    const decoded: DecodedImage[] = [];
    for (const image of images) {
      streams.push(await codec.encode(image));
      decoded.push(await codec.decode(streams.at(-1)!));
    }
    const broken = streams[0].slice(0, -9);
    const [encodings, decodings, failure] = await Promise.all([
      Promise.all(images.map((image) => codec.encode(image))),
      Promise.all(streams.map((stream) => codec.decode(stream))),
      codec.decode(broken).catch((error) => error.code),
    ]);
    expect(encodings).toEqual(streams);
    expect(decodings).toEqual(decoded);
    expect(failure).toBe("corrupt");
  });

  test("is handed out as a copy that later calls leave alone", async () => {
    const stream = await codec.encode(images[0]);
    const decoded = await codec.decode(stream);
    const [streamBefore, pixelsBefore] = [stream.slice(), decoded.data.slice()];
    await roundTrip(drawPicture(200, 200, 3, 6));
    expect(stream).toEqual(streamBefore);
    expect(decoded.data).toEqual(pixelsBefore);
  });
});

describe("a receiver's model", () => {
  test("has the same id, decodes to the same pixels and refuses to encode", async () => {
    const receiver = Model.read(photo.receiver());
    expect(receiver).toMatchObject({ id: photo.id, part: "receiver", training: undefined });
    expect(receiver.bytes.length).toBeLessThan(photo.bytes.length);
    expect(receiver.receiver()).toEqual(receiver.bytes);
    const image = drawPicture(50, 40, 3);
    const stream = await codec.encode(image);
    const receiving = await Codec.create(receiver);
    expect(await receiving.decode(stream)).toEqual(await codec.decode(stream));
    await expect(receiving.encode(image)).rejects.toMatchObject({ code: "model-mismatch" });
  });

  test("of another training is refused, and both models are named", async () => {
    const failure = vectorCodec.decode(await codec.encode(drawPicture(12, 10, 3)));
    await expect(failure).rejects.toMatchObject({ code: "model-mismatch" });
    await expect(failure).rejects.toThrow(new RegExp(`${photo.id}.*${vector.id}`));
  });
});

describe("a model of one size", () => {
  test("codes images of that size, and no others", async () => {
    const image = drawPicture(12, 10, 3, 3);
    const decoded = await vectorCodec.decode(await vectorCodec.encode(image, { quality: 100 }));
    expect(decoded).toMatchObject({ ...vectorSize, channels: 3 });
    expect(psnr(image, decoded)).toBeGreaterThan(20);
    await expect(vectorCodec.encode(drawPicture(10, 12, 3))).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});

describe("metadata", () => {
  test("travels beside the pixels and changes none of them", async () => {
    const image = drawPicture(20, 20, 3);
    const metadata = { icc: Uint8Array.of(1, 2, 3), exif: new Uint8Array(300).fill(7), xmp: Uint8Array.of(60) };
    const stream = await codec.encode(image, { metadata });
    expect(streamMetadata(stream)).toEqual(metadata);
    expect(await codec.decode(stream)).toEqual(await roundTrip(image, 75));
    expect(streamMetadata(await codec.encode(image))).toBeUndefined();
  });
});
