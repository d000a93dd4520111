import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Channels, Image } from "../../src/image/image.js";
import { shapes } from "../../src/preview/aspect.js";
import { previewPsnr } from "../../src/preview/likeness.js";
import { averageColor, decodePreview, encodePreview, previewToDataURL, previewToText } from "../../src/preview.js";
import { picture } from "../node/pictures.js";
import { drawPicture } from "../reference/pictures.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });
const plain = (width: number, height: number, samples: readonly number[]): Image => ({
  data: Uint8Array.from({ length: width * height * samples.length }, (_, i) => samples[i % samples.length]),
  width,
  height,
  channels: samples.length,
});

describe("previews", () => {
  it.each([8, 9, 16, 21, 33, 64])("have exactly %i bytes", (bytes) => {
    for (const image of [drawPicture(120, 80, 3), drawPicture(31, 70, 4), plain(5, 5, [9, 200, 4])]) {
      expect(encodePreview(image, { bytes })).toHaveLength(bytes);
    }
  });

  it("fit 8 bytes whatever the picture", () => {
    for (let seed = 0; seed < 60; seed++) {
      const [width, height, channels] = [1 + ((seed * 7) % 40), 1 + ((seed * seed) % 53), (seed % 4) + 1];
      const noise = (_: unknown, i: number) =>
        (Math.imul(seed * 4099 + i + 1, 0x9e3779b1) >>> 24) & (seed % 3 ? 255 : 128);
      const data = Uint8Array.from({ length: width * height * channels }, noise);
      expect(encodePreview({ data, width, height, channels }, { bytes: 8 })).toHaveLength(8);
    }
  });

  it("have 21 bytes, 28 characters, unless told otherwise", () => {
    const bytes = encodePreview(drawPicture(60, 60, 3));
    expect(bytes).toHaveLength(21);
    expect(previewToText(bytes)).toMatch(/^[\w-]{28}$/);
    expect(decodePreview(previewToText(bytes))).toEqual(decodePreview(bytes));
  });

  it("look like the picture, more so with more bytes", () => {
    const [few, usual, many] = [8, 21, 64].map((bytes) => previewPsnr(picture(90, 60), { bytes }));
    expect(few).toBeGreaterThan(16);
    expect(usual).toBeGreaterThan(few + 1);
    expect(many).toBeGreaterThan(usual + 1);
  });

  it.each([1, 2, 3, 4] as Channels[])("take pictures of %i channels", (channels) => {
    const { data } = decodePreview(encodePreview(drawPicture(64, 48, channels)));
    const alphas = data.filter((_, i) => i % 4 === 3);
    if (channels % 2) expect(new Set(alphas)).toEqual(new Set([255]));
    else expect(Math.max(...alphas) - Math.min(...alphas)).toBeGreaterThan(150);
  });

  it("keep grey almost grey", () => {
    const { data } = decodePreview(encodePreview(drawPicture(64, 48, 1)));
    for (let i = 0; i < data.length; i += 4) {
      expect(Math.max(...data.subarray(i, i + 3)) - Math.min(...data.subarray(i, i + 3))).toBeLessThan(40);
    }
  });

  it.each([
    ["1 x 1", plain(1, 1, [200, 30, 60])],
    ["1 x 4000", plain(1, 4000, [200, 30, 60])],
    ["4000 x 1", plain(4000, 1, [200, 30, 60])],
    ["of one colour", plain(300, 200, [200, 30, 60])],
  ])("show the colour of a picture %s", (_, image) => {
    const decoded = decodePreview(encodePreview(image));
    const { width, height } = image;
    expect(Math.max(decoded.width, decoded.height)).toBe(32);
    expect([decoded.width > decoded.height, decoded.width < decoded.height]).toEqual([width > height, width < height]);
    for (const [i, value] of decoded.data.entries()) {
      if (i % 4 < 3) expect(Math.abs(value - [200, 30, 60][i % 4])).toBeLessThan(16);
    }
  });

  it("are transparent where the picture is", () => {
    const { data } = decodePreview(encodePreview(plain(20, 30, [200, 30, 60, 0])));
    for (let i = 3; i < data.length; i += 4) expect(data[i]).toBeLessThan(24);
    expect(averageColor(encodePreview(plain(20, 30, [200, 30, 60, 0]))).alpha).toBeLessThan(16);
  });

  it("are opaque where alpha is 255 everywhere", () => {
    const colour = encodePreview(plain(20, 30, [200, 30, 60]));
    expect(encodePreview(plain(20, 30, [200, 30, 60, 255]))).toEqual(colour);
  });

  it("keep the shape", () => {
    for (const [width, height] of [
      [3, 2],
      [2, 3],
      [16, 9],
      [1, 1],
      [9, 16],
      [21, 9],
      [100, 37],
    ]) {
      const decoded = decodePreview(encodePreview(picture(width * 20, height * 20)), { size: 1000 });
      expect(Math.abs(Math.log(decoded.width / decoded.height / (width / height)))).toBeLessThan(0.025);
    }
  });

  it("decode at any size, smoothly", () => {
    const preview = encodePreview(drawPicture(90, 60, 3));
    expect(decodePreview(preview, { size: 1 })).toMatchObject({ width: 1, height: 1, channels: 4 });
    expect(decodePreview(preview, { width: 7, height: 300 })).toMatchObject({ width: 7, height: 300 });
    const { data, width, height } = decodePreview(preview, { size: 600 });
    expect([width, height]).toEqual([600, 400]);
    let largest = 0;
    for (let i = 4; i < data.length; i++) {
      if (Math.floor(i / 4) % width > 0) largest = Math.max(largest, Math.abs(data[i] - data[i - 4]));
    }
    expect(largest).toBeLessThan(12);
  });

  it("tell the mean colour", () => {
    const image = drawPicture(90, 60, 3);
    const { red, green, blue, alpha } = averageColor(encodePreview(image));
    const mean = [0, 1, 2].map((c) => image.data.reduce((sum, value, i) => sum + (i % 3 === c ? value : 0), 0) / 5400);
    for (const [i, value] of [red, green, blue].entries()) expect(Math.abs(value - mean[i])).toBeLessThan(10);
    expect(alpha).toBe(255);
  });

  it("become data: URLs that any reader of PNG understands", async () => {
    for (const channels of [3, 4] as const) {
      const preview = encodePreview(drawPicture(48, 64, channels));
      const url = previewToDataURL(previewToText(preview), { size: 40 });
      expect(url).toMatch(/^data:image\/png;base64,/);
      const { data, info } = await sharp(Buffer.from(url.slice(22), "base64"))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: 30, height: 40, channels });
      const pixels = decodePreview(preview, { size: 40 }).data.filter((_, i) => i % 4 < channels);
      expect([...data]).toEqual([...pixels]);
    }
    // More than one stored block.
    const large = previewToDataURL(encodePreview(drawPicture(40, 40, 3)), { size: 300 });
    expect((await sharp(Buffer.from(large.slice(22), "base64")).metadata()).width).toBe(300);
  });

  it("take any bytes for a picture", () => {
    for (let seed = 0; seed < 200; seed++) {
      const bytes = Uint8Array.from(
        { length: 8 + (seed % 57) },
        (_, i) => (Math.imul(seed * 64 + i + 1, 0x9e3779b1) >>> 24) & 255,
      );
      const { data, width, height } = decodePreview(bytes);
      expect(data).toHaveLength(width * height * 4);
    }
    for (const value of [0, 255]) expect(decodePreview(new Uint8Array(64).fill(value)).channels).toBe(4);
  });

  it("name what is wrong", () => {
    const image = picture(9, 9);
    for (const bytes of [7, 65, 20.5, Number.NaN])
      expect(() => encodePreview(image, { bytes })).toThrow(withCode("invalid-parameter"));
    expect(() => encodePreview({ ...image, width: 10 })).toThrow(withCode("invalid-parameter"));
    expect(() => encodePreview({ ...image, width: 0 })).toThrow(withCode("invalid-parameter"));
    expect(() => encodePreview(undefined as never)).toThrow(withCode("invalid-parameter"));
    const deep = { ...image, data: new Uint16Array(243) };
    expect(() => encodePreview(deep as never)).toThrow(withCode("invalid-parameter"));
    const text = previewToText(encodePreview(image));
    for (const broken of [
      "",
      "AAAA",
      text.slice(1),
      `${text}=`,
      text.replace(/.$/, "!"),
      `${"A".repeat(90)}`,
      "a.b.c",
      "größer",
    ]) {
      expect(() => decodePreview(broken)).toThrow(withCode("corrupt"));
    }
    expect(() => decodePreview(`abcd.${text}`)).toThrow(withCode("model-mismatch"));
    expect(() => decodePreview(new Uint8Array(7))).toThrow(withCode("corrupt"));
    expect(() => decodePreview(7 as never)).toThrow(withCode("invalid-parameter"));
    for (const options of [
      { size: 0 },
      { size: 1025 },
      { size: 1.5 },
      { width: 4 },
      { height: 4 },
      { width: 4, height: 2000 },
    ]) {
      expect(() => decodePreview(text, options)).toThrow(withCode("invalid-parameter"));
    }
    expect(() => previewToText(new Uint8Array(5))).toThrow(withCode("invalid-parameter"));
  });
});

describe("shapes", () => {
  it("have the intervals that FORMAT.md gives", () => {
    const usual = [
      [4 / 3, 6268],
      [3 / 2, 6268],
      [16 / 9, 5015],
      [5 / 4, 1880],
      [2, 1253],
      [16 / 10, 877],
      [21 / 9, 626],
    ];
    const steps: number[][] = [];
    for (let k = 1, aspect = 1.04; k <= 89; k++, aspect *= 1.04) {
      if (![6, 7, 10, 12, 15, 18, 22].includes(k)) steps.push([aspect, k <= 28 ? 150 : 18]);
    }
    const both = ([aspect, length]: number[]) => [
      [aspect, length],
      [1 / aspect, length],
    ];
    const table = [...usual.flatMap(both), [1, 12537], ...steps.flatMap(both)];
    table[table.length - 1][1] = 65536 - 65389;
    expect(shapes.map(({ aspect, begin, end }) => [aspect, end - begin])).toEqual(table);
    expect([shapes[0].begin, shapes[178].begin, shapes[178].end]).toEqual([0, 65389, 65536]);
  });
});

describe("golden previews", async () => {
  const vectors: { preview: string; pixels: string }[] = JSON.parse(
    await readFile(new URL("../vectors/previews.json", import.meta.url), "utf8"),
  );

  it.each(vectors.map(({ preview, pixels }) => [preview, pixels]))(
    "%s decodes to the same pixels",
    (preview, pixels) => {
      const { data } = decodePreview(preview, { size: 6 });
      expect(Buffer.from(data).toString("base64")).toBe(pixels);
    },
  );

  it("are what the encoder makes", () => {
    expect(vectors.map(({ preview }) => preview)).toEqual(
      goldenImages.map(([image, bytes]) => previewToText(encodePreview(image, { bytes }))),
    );
  });
});

/** Of bytes that no host function has rounded. */
const waves = (width: number, height: number, channels: Channels): Image => ({
  data: Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y, c] = [pixel % width, Math.floor(pixel / width), i % channels];
    return (((x * x) >> 4) + y * 3 + c * 70 + ((x * y) >> 5)) & 255;
  }),
  width,
  height,
  channels,
});

const goldenImages: [Image, number][] = [
  [waves(96, 64, 3), 21],
  [waves(48, 64, 4), 21],
  [waves(50, 50, 1), 8],
  [waves(160, 90, 3), 64],
];
