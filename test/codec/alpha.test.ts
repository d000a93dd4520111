import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { inspectContainer } from "../../src/codec/stream/container.js";
import type { DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

const codec = await Codec.create(goldenModel("photo"));
const greyCodec = await Codec.create(goldenModel("grey"));
const vectorCodec = await Codec.create(goldenModel("vector"));

const scene = (width: number, height: number, channels: 1 | 2 | 3 | 4): DecodedImage =>
  drawExactPicture({ width, height, channels, kind: "scene", seed: 1 });

const roundTrip = async (image: DecodedImage, by = codec): Promise<DecodedImage> => by.decode(await by.encode(image));

/** The samples of the last channel. */
const alphaOf = ({ data, channels }: DecodedImage): Uint8Array => data.filter((_, i) => i % channels === channels - 1);

/** The image with other alpha. */
function withAlpha(image: DecodedImage, alpha: (pixel: number) => number): DecodedImage {
  const { channels } = image;
  const data = image.data.map((sample, i) =>
    i % channels === channels - 1 ? alpha(Math.floor(i / channels)) : sample,
  );
  return { ...image, data };
}

describe("the alpha channel", () => {
  test("comes back exactly, whatever it is", async () => {
    const planes = fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(2, 4))
      .chain(([width, height, channels]) => {
        const samples = fc.oneof(fc.nat(255), fc.constantFrom(0, 255));
        const alpha = fc.array(samples, { minLength: width * height, maxLength: width * height });
        return alpha.map((values) => withAlpha(scene(width, height, channels as 2 | 4), (pixel) => values[pixel]));
      });
    await fc.assert(
      fc.asyncProperty(planes, async (image) => {
        expect(alphaOf(await roundTrip(image))).toEqual(alphaOf(image));
        if (image.channels === 2) expect(alphaOf(await roundTrip(image, greyCodec))).toEqual(alphaOf(image));
      }),
      { numRuns: 60 },
    );
  });

  test("leaves what is visible as it would be without it, where all of it is", async () => {
    const image = withAlpha(scene(40, 30, 4), () => 9);
    const opaque = await roundTrip(scene(40, 30, 3));
    expect((await roundTrip(image)).data.filter((_, i) => i % 4 !== 3)).toEqual(opaque.data);
  });

  test("goes through the network of a model trained on it", async () => {
    const image = scene(11, 7, 4);
    const stream = await vectorCodec.encode(image, { quality: 100 });
    expect(inspectContainer(stream).map(({ name }) => name)).not.toContain("alpha");
    const decoded = await vectorCodec.decode(stream);
    expect(decoded.channels).toBe(4);
    expect(psnr(image, decoded)).toBeGreaterThan(25);
  });
});

describe("transparent pixels", () => {
  const half = withAlpha(scene(96, 64, 4), (pixel) => (pixel % 96 < 48 ? 0 : 200));

  test("cost nothing: a picture of them alone takes less than 40 bytes", async () => {
    const hidden = withAlpha(scene(256, 256, 4), () => 0);
    const stream = await codec.encode(hidden, { quality: 100 });
    expect(stream.length).toBeLessThan(40);
    expect((await codec.decode(stream)).data.every((sample) => sample === 0)).toBe(true);
  });

  test("take away the bytes of their half of a picture", async () => {
    const whole = await codec.encode(scene(96, 64, 3), { quality: 100 });
    const part = await codec.encode(half, { quality: 100 });
    expect(part.length).toBeLessThan(whole.length * 0.75);
  });

  test("decode to zero, all the others keep their colour", async () => {
    const decoded = await roundTrip(half);
    const pixels = Array.from({ length: 96 * 64 }, (_, i) => decoded.data.subarray(i * 4, i * 4 + 4));
    expect(pixels.every((pixel, i) => i % 96 >= 48 || pixel.every((sample) => sample === 0))).toBe(true);
    expect(psnr(half, decoded)).toBeGreaterThan(24);
  });

  test("do not give their colour away", async () => {
    const painted = {
      ...half,
      data: half.data.map((sample, i) => (i % 384 < 192 && i % 4 < 3 ? 255 - sample : sample)),
    };
    expect(painted).not.toEqual(half);
    expect(await codec.encode(painted)).toEqual(await codec.encode(half));
  });
});

describe("grey", () => {
  const threefold = ({ data, width, height }: DecodedImage): DecodedImage => ({
    data: new Uint8Array(data.length * 3).map((_, i) => data[Math.floor(i / 3)]),
    width,
    height,
    channels: 3,
  });

  test("comes back as grey from a model of colour, and as colour where it came as colour", async () => {
    const grey = scene(30, 20, 1);
    const decoded = await roundTrip(grey);
    expect(decoded.channels).toBe(1);
    expect(psnr(grey, decoded)).toBeGreaterThan(20);
    expect(await roundTrip(threefold(grey))).toMatchObject({ channels: 3 });
  });

  test("is all that a model of grey takes, in one channel or three", async () => {
    const grey = scene(30, 20, 1);
    const stream = await greyCodec.encode(threefold(grey));
    expect(stream).toEqual(await greyCodec.encode(grey));
    const colour = greyCodec.encode(scene(30, 20, 3));
    await expect(colour).rejects.toMatchObject({ code: "invalid-parameter" });
    await expect(colour).rejects.toThrow(/grey image.*colour/);
  });
});
