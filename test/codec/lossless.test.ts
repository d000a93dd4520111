import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { inspect } from "../../src/codec/inspect.js";
import { readContainer } from "../../src/codec/stream/container.js";
import { fewColoursOf } from "../../src/image/few-colours.js";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { withChannelsOf } from "../../src/image/with-channels.js";
import { Model } from "../../src/models/model.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { goldenModel } from "../vectors/golden-files.js";
import { planeOf } from "./parts.js";

const names = ["photo", "grey", "planes", "vector"] as const;
const opened = await Promise.all(names.map(async (name) => [name, await Codec.create(goldenModel(name))] as const));
const codecs = Object.fromEntries(opened) as Record<(typeof names)[number], Codec>;

/** A picture whose levels are few and lie far apart. */
const ink = (width: number, height: number, channels: Channels, seed = 5): DecodedImage =>
  drawExactPicture({ width, height, channels, kind: "ink", seed });

const isLossless = (stream: Uint8Array): boolean => readContainer(stream).payload === "plane";

/** What a receiver sees of an image: hidden pixels have no colour. */
function visible({ data, channels, ...size }: DecodedImage): DecodedImage {
  const shown = data.slice();
  for (let i = 0; channels % 2 === 0 && i < data.length; i += channels) {
    if (data[i + channels - 1] === 0) shown.fill(0, i, i + channels);
  }
  return { ...size, data: shown, channels };
}

/** What is coded without loss comes back exactly, and anything else in its shape. */
const expectExact = (pictures: fc.Arbitrary<DecodedImage>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(pictures, async (image) => {
      const stream = await codecs.photo.encode(image, { quality: 100 });
      const decoded = await codecs.photo.decode(stream);
      if (isLossless(stream)) expect(decoded).toEqual(visible(image));
      else expect(decoded).toMatchObject({ width: image.width, height: image.height, channels: image.channels });
    }),
    { numRuns: 40 },
  );

describe("a grey picture of few levels", () => {
  test.each([1, 2, 3, 4] as const)("of %d channels comes back exactly, and in these", async (channels) => {
    const image = ink(57, 43, channels);
    const stream = await codecs.photo.encode(image, { quality: 100 });
    expect(isLossless(stream)).toBe(true);
    expect(await codecs.photo.decode(stream)).toEqual(visible(image));
  });

  test("comes back exactly from a model of grey, and as RGBA from one that codes alpha", async () => {
    const grey = ink(57, 43, 3);
    const decoded = await codecs.grey.decode(await codecs.grey.encode(grey, { quality: 100 }));
    expect(withChannelsOf(grey, decoded)).toEqual(grey);
    for (const channels of [1, 2, 3, 4] as const) {
      const flat = { width: 11, height: 7, channels, data: new Uint8Array(77 * channels).fill(255) };
      const stream = await codecs.vector.encode(flat, { quality: 100 });
      expect(isLossless(stream)).toBe(true);
      expect(await codecs.vector.decode(stream)).toMatchObject({ channels: 4, data: new Uint8Array(308).fill(255) });
    }
    const hidden = drawExactPicture({ width: 11, height: 7, channels: 4, kind: "hidden", seed: 1 });
    const stream = await codecs.vector.encode(hidden, { quality: 100 });
    expect((await codecs.vector.decode(stream)).data.every((sample) => sample === 0)).toBe(true);
  });

  test("is coded without loss only where that takes no more bytes", async () => {
    const image = ink(57, 43, 1);
    const noise = drawExactPicture({ width: 57, height: 43, channels: 1, kind: "noise", seed: 1 });
    const coarse = { ...noise, data: noise.data.map((sample) => (sample >> 4) * 17) };
    const lossless = await codecs.photo.encode(image, { quality: 100 });
    for (let quality = 0; quality <= 100; quality += 20) {
      expect((await codecs.photo.encode(image, { quality })).length).toBeLessThanOrEqual(lossless.length);
    }
    const lossy = await codecs.photo.encode(coarse, { quality: 0 });
    expect(isLossless(lossy)).toBe(false);
    // Sixteen levels without any order take four bits each.
    expect(lossy.length).toBeLessThan((57 * 43) / 2);
  });

  test("of more than 16 levels is left to the latents; with one coloured pixel it has a palette", async () => {
    const ramp = (levels: number) => ({
      width: 40,
      height: 30,
      channels: 3 as const,
      data: Uint8Array.from({ length: 3600 }, (_, i) => Math.floor((i * levels) / 3600) * 13),
    });
    expect(isLossless(await codecs.photo.encode(ramp(16), { quality: 100 }))).toBe(true);
    expect(isLossless(await codecs.photo.encode(ramp(17), { quality: 100 }))).toBe(false);
    const dotted = ink(40, 30, 3);
    dotted.data[1811] ^= 1;
    const stream = await codecs.photo.encode(dotted, { quality: 100 });
    expect(readContainer(stream)).toMatchObject({ payload: "plane", palette: true });
    expect(await codecs.photo.decode(stream)).toEqual(dotted);
  });

  test("has a bare frame of at most two bytes beside its samples", async () => {
    const image = ink(57, 43, 1);
    const frame = await codecs.photo.encode(image, { bare: true, quality: 100 });
    const { plane } = planeOf(await codecs.photo.encode(image, { quality: 100 }));
    expect(frame.subarray(2)).toEqual(plane);
    expect(await codecs.photo.decode(frame, { bare: { width: 57, height: 43, grey: true } })).toEqual(image);
    const cut = codecs.photo.decode(frame.subarray(0, -6), { bare: { width: 57, height: 43, grey: true } });
    await expect(cut).rejects.toMatchObject({ code: "corrupt" });
  });

  test("gives the same bytes where it comes in rows", async () => {
    for (const channels of [1, 3] as const) {
      const image = ink(57, 43, channels);
      const pieces = [image.data.subarray(0, 100), image.data.subarray(100)];
      const options = { quality: 100 };
      expect(await codecs.photo.encodeRows({ ...image, rows: pieces }, options)).toEqual(
        await codecs.photo.encode(image, options),
      );
    }
  });

  test("comes back exactly, whatever it is", async () => {
    const pictures = fc
      .record({
        width: fc.integer({ min: 1, max: 24 }),
        height: fc.integer({ min: 1, max: 24 }),
        channels: fc.constantFrom(1, 2, 3, 4),
        levels: fc.array(fc.nat(255), { minLength: 1, maxLength: 16 }),
        seed: fc.nat(1000),
      })
      .map(({ width, height, channels, levels, seed }) => {
        const level = (i: number) => levels[(Math.imul(i + seed, 0x9e3779b1) >>> 20) % levels.length];
        const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
          const pixel = Math.floor(i / channels);
          const isAlpha = channels % 2 === 0 && i % channels === channels - 1;
          return isAlpha ? (level(pixel + 7) >> 6) * 85 : level(pixel >> 3);
        });
        return { width, height, channels: channels as Channels, data };
      });
    await expectExact(pictures);
  });

  test("is called lossless by inspect, and has no quality", async () => {
    const report = inspect(await codecs.photo.encode(ink(57, 43, 1), { quality: 100 }));
    expect(report).toMatchObject({ lossless: true, quality: undefined, channels: "grey" });
    const scene = drawExactPicture({ width: 57, height: 43, channels: 1, kind: "scene", seed: 5 });
    expect(inspect(await codecs.photo.encode(scene, { quality: 100 }))).toMatchObject({
      lossless: false,
      quality: 100,
    });
  });
});

describe("a picture of few colours", () => {
  const signs = (channels: Channels, width = 57, height = 43) =>
    drawExactPicture({ width, height, channels, kind: "signs", seed: 5 });

  test.each([3, 4] as const)("of %d channels comes back exactly, the same in rows", async (channels) => {
    const image = signs(channels);
    const options = { quality: 100 };
    const stream = await codecs.photo.encode(image, options);
    expect(isLossless(stream)).toBe(true);
    expect(await codecs.photo.decode(stream)).toEqual(visible(image));
    expect(await codecs.photo.encodeRows({ ...image, rows: [image.data] }, options)).toEqual(stream);
  });

  test("of one colour takes five bytes more than one of grey, and is exact at every quality", async () => {
    const flat = (colour: readonly number[]) => ({
      width: 128,
      height: 96,
      channels: 3 as const,
      data: Uint8Array.from({ length: 128 * 96 * 3 }, (_, i) => colour[i % 3]),
    });
    const grey = await codecs.photo.encode(flat([90, 90, 90]), { quality: 100 });
    for (const quality of [0, 30, 75, 100]) {
      const image = flat([120, 130, 140]);
      const stream = await codecs.photo.encode(image, { quality });
      expect(stream.length).toBeLessThanOrEqual(grey.length + 5);
      if (quality > 0) expect(await codecs.photo.decode(stream)).toEqual(image);
    }
  });

  test("has at most 256 of them", async () => {
    /** Without any order, so that latents take many bytes. */
    const scattered = (colours: number) => ({
      width: 40,
      height: 30,
      channels: 3 as const,
      data: Uint8Array.from({ length: 3600 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        const number = pixel < colours ? pixel : (Math.imul(pixel, 0x9e3779b1) >>> 20) % colours;
        return i % 3 === 0 ? number & 255 : i % 3 === 1 ? number >> 8 : Math.imul(number, 0x9e3779b1) >>> 24;
      }),
    });
    const find = (colours: number) => fewColoursOf(scattered(colours), undefined, { breathe: async () => {} });
    expect((await find(256))?.palette).toHaveLength(3 * 256);
    expect(await find(257)).toBe(undefined);
    // A bare frame has a head where it is one of a plane.
    const frame = await codecs.photo.encode(scattered(2), { quality: 100, bare: true });
    expect([...frame.subarray(0, 2)]).toEqual([0x28, 0]);
    expect(await codecs.photo.decode(frame, { bare: { width: 40, height: 30 } })).toEqual(scattered(2));
    const asGrey = codecs.photo.decode(frame, { bare: { width: 40, height: 30, grey: true } });
    await expect(asGrey).rejects.toMatchObject({ code: "corrupt" });
  });

  test("comes back exactly, whatever it is", async () => {
    const pictures = fc
      .record({
        width: fc.integer({ min: 1, max: 24 }),
        height: fc.integer({ min: 1, max: 24 }),
        channels: fc.constantFrom(3, 4),
        colours: fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), { minLength: 1, maxLength: 256 }),
        seed: fc.nat(1000),
      })
      .map(({ width, height, channels, colours, seed }) => {
        const pick = (i: number) => (Math.imul(i + seed, 0x9e3779b1) >>> 20) % colours.length;
        const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
          const [pixel, channel] = [Math.floor(i / channels), i % channels];
          return channel === 3 ? (pick(pixel + 7) % 4) * 85 : colours[pick(pixel >> 3)][channel];
        });
        return { width, height, channels: channels as Channels, data };
      });
    await expectExact(pictures);
  });
});

describe("targets", () => {
  const image = ink(57, 43, 1);

  test("of bytes or PSNR are met by a lossless stream where it fits", async () => {
    const { length } = await codecs.photo.encode(image, { quality: 100 });
    for (const effort of [0, 1]) {
      const fitting = await codecs.photo.encodeTo(image, { targetBytes: length, effort });
      expect(isLossless(fitting.bytes)).toBe(true);
      const exact = await codecs.photo.encodeTo(image, { targetPsnr: 99, effort });
      expect(exact.psnr).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe("trained contexts", () => {
  test("make a plane smaller than fresh ones", async () => {
    const trained = goldenModel("planes");
    expect(trained.planeContexts!.indices.length).toBeGreaterThan(100);
    const fresh = planeOf(await codecs.photo.encode(ink(75, 50, 1, 3), { quality: 100 })).plane;
    const { plane } = planeOf(await codecs.planes.encode(ink(75, 50, 1, 3), { quality: 100 }));
    expect(plane.length).toBeLessThan(fresh.length * 0.9);
  });

  test("are the receiver's too", async () => {
    const receiver = await Codec.create(Model.read(codecs.planes.model.receiver()));
    expect(receiver.model.planeContexts).toEqual(codecs.planes.model.planeContexts);
    const stream = await codecs.planes.encode(ink(75, 50, 1), { quality: 100 });
    expect(isLossless(stream)).toBe(true);
    expect(await receiver.decode(stream)).toEqual(ink(75, 50, 1));
  });
});

describe("alpha quality", () => {
  const image = drawExactPicture({ width: 96, height: 64, channels: 4, kind: "scene", seed: 4 });
  const alphaOf = ({ data }: DecodedImage): Uint8Array => data.filter((_, i) => i % 4 === 3);
  const bytesAt = async (alphaQuality: number) =>
    readContainer(await codecs.photo.encode(image, { alphaQuality })).alpha!;

  test("takes levels away, and bytes with them; 100 is lossless and the default", async () => {
    const lossy = await codecs.photo.decode(await codecs.photo.encode(image, { alphaQuality: 20 }));
    expect(new Set(alphaOf(lossy)).size).toBeLessThanOrEqual(6);
    expect((await bytesAt(20)).length).toBeLessThan((await bytesAt(100)).length / 2);
    expect(await codecs.photo.encode(image, { alphaQuality: 100 })).toEqual(await codecs.photo.encode(image));
    expect(alphaOf(await codecs.photo.decode(await codecs.photo.encode(image)))).toEqual(alphaOf(image));
  });

  test.each([-1, 100.5, Number.NaN, "10"])("of %j is refused", async (alphaQuality) => {
    const failure = codecs.photo.encode(image, { alphaQuality: alphaQuality as never });
    await expect(failure).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});
