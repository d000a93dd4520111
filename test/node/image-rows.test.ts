import { readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collectRows } from "../../src/image/collect-rows.js";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { openImageRows, writeImageRows } from "../../src/node/image-rows.js";
import { readImage } from "../../src/node/read-image.js";
import { packImage } from "../../src/node/write-image.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

// Other files' tests leave and remove temporary files at the same time.
beforeEach(async () => void vi.stubEnv("TMPDIR", await temporaryFolder()));
afterEach(() => void vi.unstubAllEnvs());

const leftovers = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("isthmus-rows-")).sort();

async function readWhole(source: string | Uint8Array): Promise<DecodedImage> {
  const { rows, close, ...shape } = await openImageRows(source);
  try {
    return await collectRows({ rows, ...shape });
  } finally {
    await close();
  }
}

/** The rows of an image, a few at a time. */
async function* rowsOf({ data, width, channels }: DecodedImage): AsyncGenerator<Uint8Array> {
  const length = 3 * width * channels;
  for (let at = 0; at < data.length; at += length) yield data.subarray(at, at + length);
}

describe("an image file read row by row", () => {
  test.each([
    ["RGB", () => toSharp(picture(61, 40)).png().toBuffer()],
    ["more rows than one piece", () => toSharp(picture(701, 1203)).png().toBuffer()],
    [
      "grey",
      () =>
        toSharp(picture(61, 40, 1))
          .png()
          .toBuffer(),
    ],
    [
      "RGBA",
      () =>
        toSharp(picture(61, 40, 4))
          .png()
          .toBuffer(),
    ],
    [
      "grey with alpha",
      () =>
        toSharp(picture(61, 40, 2))
          .png()
          .toBuffer(),
    ],
    ["a JPEG that lies on its side", () => toSharp(picture(61, 40)).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    [
      "a grey JPEG",
      () =>
        toSharp(picture(61, 40, 1))
          .jpeg()
          .toBuffer(),
    ],
    ["CMYK", () => toSharp(picture(61, 40)).toColourspace("cmyk").jpeg().toBuffer()],
    ["16 bits", () => toSharp(picture(61, 40)).toColourspace("rgb16").png().toBuffer()],
    [
      "16 grey bits",
      () =>
        toSharp(picture(61, 40, 1))
          .toColourspace("grey16")
          .png()
          .toBuffer(),
    ],
    ["WebP", () => toSharp(picture(61, 40)).webp().toBuffer()],
    ["a palette", () => toSharp(picture(61, 40)).gif().toBuffer()],
  ])("holds what it holds read whole: %s", async (_, make) => {
    const bytes = new Uint8Array(await make());
    const before = await leftovers();
    const [rows, whole] = [await readWhole(bytes), await readImage(bytes)];
    expect(Buffer.from(rows.data).equals(whole.data)).toBe(true);
    const shapeOf = ({ width, height, channels }: DecodedImage) => ({ width, height, channels });
    expect(shapeOf(rows)).toEqual(shapeOf(whole));
    expect(await leftovers()).toEqual(before);
  });

  test("may be cut short", async () => {
    const bytes = new Uint8Array(await toSharp(picture(701, 1203)).png().toBuffer());
    const before = await leftovers();
    const { rows, close } = await openImageRows(bytes);
    for await (const piece of rows) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await close();
    expect(await leftovers()).toEqual(before);
  });

  test.each([
    ["is none", Uint8Array.of(1, 2, 3), {}, "invalid-image"],
    ["is cut", "cut", {}, "invalid-image"],
    ["is too large", "whole", { maxPixels: 100 }, "image-too-large"],
  ])("that %s is refused and leaves nothing behind", async (_, source, options, code) => {
    const whole = new Uint8Array(await toSharp(picture(300, 200)).jpeg().toBuffer());
    const bytes = typeof source !== "string" ? source : source === "cut" ? whole.slice(0, 2000) : whole;
    const before = await leftovers();
    await expect(openImageRows(bytes, options)).rejects.toMatchObject({ code });
    expect(await leftovers()).toEqual(before);
  });
});

describe("an image file written row by row", () => {
  test.each([
    ["png", 3],
    ["png", 1],
    ["png", 4],
    ["png", 2],
    ["webp", 3],
    ["tiff", 3],
    ["tiff", 1],
  ] as const)("is the one written whole: %s of %i channels", async (extension, channels) => {
    const image = picture(61, 40, channels as Channels);
    const path = join(await temporaryFolder(), `rows.${extension}`);
    const before = await leftovers();
    await writeImageRows({ ...image, rows: rowsOf(image) }, path);
    expect(await readImage(path)).toEqual(await readImage(await packImage(image, extension)));
    expect(await leftovers()).toEqual(before);
  });

  test("may be a JPEG", async () => {
    const image = picture(61, 40);
    const path = join(await temporaryFolder(), "rows.jpg");
    await writeImageRows({ ...image, rows: rowsOf(image) }, path);
    expect(await readImage(path)).toEqual(await readImage(await packImage(image, "jpeg")));
    expect((await sharp(path).metadata()).format).toBe("jpeg");
  });

  test("does not appear where its rows fail, and replaces nothing that it may not", async () => {
    const image = picture(61, 40);
    const folder = await temporaryFolder();
    const path = join(folder, "rows.png");
    const before = await leftovers();
    const rows = (async function* () {
      yield image.data.subarray(0, 61 * 3);
      throw new Error("the stream is damaged");
    })();
    await expect(writeImageRows({ ...image, rows }, path)).rejects.toThrow("the stream is damaged");
    expect(await readdir(folder)).toEqual([]);
    expect(await leftovers()).toEqual(before);

    await writeFile(path, "precious");
    const writing = writeImageRows({ ...image, rows: rowsOf(image) }, path, { overwrite: false });
    await expect(writing).rejects.toMatchObject({ code: "output-exists" });
    expect(await readFile(path, "utf8")).toBe("precious");
    expect(await readdir(folder)).toEqual(["rows.png"]);
  });
});
