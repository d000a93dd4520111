import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { collectRows } from "../../src/image/collect-rows.js";
import type { DecodedImage } from "../../src/image/image.js";
import { openImageRows } from "../../src/node/image-rows.js";
import { readImage } from "../../src/node/read-image.js";
import {
  adobeProfile,
  appleP3Profile,
  iccProfile,
  p3Profile,
  parametricCurve,
  pngChunk,
  powerCurve,
  sampledCurve,
  tiff,
  withChunks,
} from "./made-files.js";

/** A picture of 8 x 8 pixels of the same 16-bit samples. */
function deep(...samples: number[]) {
  const data = Uint16Array.from({ length: 64 * samples.length }, (_, i) => samples[i % samples.length] * 257);
  const channels = samples.length as 1 | 2 | 3 | 4;
  const pipeline = sharp(data, { raw: { width: 8, height: 8, channels } });
  return channels <= 2 ? pipeline.toColourspace("grey16") : pipeline.toColourspace("rgb16");
}
const flat = (...samples: number[]) => {
  const data = Uint8Array.from({ length: 64 * samples.length }, (_, i) => samples[i % samples.length]);
  const pipeline = sharp(data, { raw: { width: 8, height: 8, channels: samples.length as 1 | 2 | 3 | 4 } });
  return samples.length <= 2 ? pipeline.toColourspace("b-w") : pipeline;
};
const png = (picture: ReturnType<typeof deep>, ...chunks: Buffer[]) =>
  picture
    .png()
    .toBuffer()
    .then((bytes) => withChunks(bytes, ...chunks));

/** The samples of the first pixel, and what was told; read whole and by rows, which must be the same. */
async function read(bytes: Uint8Array) {
  const told: string[] = [];
  const image = await readImage(bytes, { onConvert: (from) => told.push(from) });
  const { rows, close, ...shape } = await openImageRows(bytes);
  const byRows: DecodedImage = await collectRows({ rows, ...shape });
  await close();
  expect(byRows).toEqual({ ...image, data: Uint8Array.from(image.data) });
  return { pixel: [...image.data.subarray(0, image.channels)], told };
}
const near = (pixel: readonly number[]) =>
  expect.toSatisfy(
    (seen: number[]) => seen.length === pixel.length && seen.every((v, i) => Math.abs(v - pixel[i]) <= 1),
    `near ${pixel}`,
  );

describe("colours beyond sRGB are those a browser shows", () => {
  const p3 = [200, 60, 40];
  const adobe = [30, 200, 60];

  it.each([
    ["Display P3 of power 2.2", p3Profile, p3, [219, 37, 13]],
    ["Display P3 of sRGB's curve", appleP3Profile, p3, [218, 42, 23]],
    ["Adobe RGB", adobeProfile, adobe, [0, 201, 37]],
  ])("in 8 and 16 bits, PNG and TIFF, with and without alpha: %s", async (_, profile, samples, shown) => {
    const [red, green, blue] = samples;
    const tagged = pngChunk.icc(profile);
    const sixteen = Uint16Array.from({ length: 12 }, (_, i) => samples[i % 3] * 257);
    expect((await read(await png(deep(red, green, blue), tagged))).pixel).toEqual(near(shown));
    expect((await read(await png(deep(red, green, blue, 128), tagged))).pixel).toEqual(near([...shown, 128]));
    expect((await read(tiff({ width: 4, channels: 3, samples: sixteen, icc: profile }))).pixel).toEqual(near(shown));
    const { told } = await read(await png(deep(red, green, blue), tagged));
    expect(told).toEqual(["16 bits", expect.stringMatching(/^the profile (Display P3|Adobe RGB \(1998\))$/)]);
    // Another colour management does these: it may round the darkest samples otherwise.
    const eight = (await read(await png(flat(red, green, blue), tagged))).pixel;
    for (const [i, value] of shown.entries()) expect(Math.abs(eight[i] - value)).toBeLessThanOrEqual(2);
  });

  it("in AVIF of 10 bits, by profile and by code points", async () => {
    const source = await png(deep(...p3), pngChunk.icc(p3Profile));
    const tagged = await sharp(source)
      .keepIccProfile()
      .heif({ compression: "av1", bitdepth: 10, lossless: true })
      .toBuffer();
    const { pixel } = await read(tagged);
    for (const [i, value] of [219, 37, 13].entries()) expect(Math.abs(pixel[i] - value)).toBeLessThanOrEqual(3);

    const coded = await deep(...p3)
      .heif({ compression: "av1", bitdepth: 10, lossless: true })
      .toBuffer();
    const box = coded.indexOf("colrnclx");
    expect(box).toBeGreaterThan(0);
    const plain = await read(coded);
    for (const [i, value] of p3.entries()) expect(Math.abs(plain.pixel[i] - value)).toBeLessThanOrEqual(1);
    coded.writeUInt16BE(12, box + 8);
    const { pixel: converted, told } = await read(coded);
    for (const [i, value] of [218, 42, 23].entries()) expect(Math.abs(converted[i] - value)).toBeLessThanOrEqual(3);
    expect(told).toEqual(["16 bits", "Display P3"]);
  });

  it("under grey profiles of 8 and 16 bits", async () => {
    const steep = iccProfile("GRAY", { kTRC: powerCurve(1.8) }, "Grey 1.8");
    // 255 * sRGB((100 / 255) ^ 1.8)
    const shown = 119;
    for (const make of [flat, deep]) {
      expect((await read(await png(make(100), pngChunk.icc(steep)))).pixel).toEqual(near([shown]));
      expect((await read(await png(make(100, 200), pngChunk.icc(steep)))).pixel).toEqual(near([shown, 200]));
    }
    const straight = iccProfile("GRAY", { kTRC: sampledCurve([0, 0.5, 1]) });
    const dark = await sharp(new Uint16Array(64).fill(20), { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    // Linear light: 20 of 65535 is 1 of 255, which 8 bits of light could not tell from black.
    expect((await read(withChunks(dark, pngChunk.icc(straight)))).pixel).toEqual([1]);
  });

  it("by curves of every kind", async () => {
    const shownBy = async (curve: Buffer) =>
      (await read(await png(deep(100), pngChunk.icc(iccProfile("GRAY", { kTRC: curve }))))).pixel;
    const sRgb = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
    expect(await shownBy(parametricCurve(0, [1]))).toEqual([168]);
    expect(await shownBy(sampledCurve([]))).toEqual([168]);
    expect(await shownBy(parametricCurve(3, sRgb))).toEqual([100]);
    expect(await shownBy(parametricCurve(4, [...sRgb, 0, 0]))).toEqual([100]);
    expect(await shownBy(parametricCurve(1, [1, 1, 0]))).toEqual([168]);
    expect(await shownBy(parametricCurve(2, [1, 0.5, 0, 0.5]))).toEqual(near([218]));
  });

  it("by gAMA, cHRM and cICP of a PNG, unless something outranks them", async () => {
    const pixelOf = async (...chunks: Buffer[]) => (await read(await png(flat(100, 100, 100), ...chunks))).pixel;
    expect(await pixelOf(pngChunk.gamma(1))).toEqual([168, 168, 168]);
    expect((await read(await png(flat(100), pngChunk.gamma(1)))).pixel).toEqual([168]);
    expect((await read(await png(flat(100, 50), pngChunk.gamma(1)))).pixel).toEqual([168, 50]);
    expect((await read(await png(deep(100, 100, 100, 77), pngChunk.gamma(1)))).pixel).toEqual([168, 168, 168, 77]);
    expect(await pixelOf(pngChunk.gamma(0.45455))).toEqual([100, 100, 100]);
    expect(await pixelOf(pngChunk.sRgb(), pngChunk.gamma(1))).toEqual([100, 100, 100]);
    expect(await pixelOf(pngChunk.icc(p3Profile), pngChunk.gamma(1))).toEqual(near([100, 100, 100]));
    expect((await read(await png(flat(100, 100, 100), pngChunk.gamma(1)))).told).toEqual(["gamma 1"]);

    const p3Chromaticities = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
    const colour = (...chunks: Buffer[]) => png(flat(...p3), ...chunks).then(read);
    const wide = await colour(pngChunk.gamma(0.45455), pngChunk.chromaticities(p3Chromaticities));
    expect(wide.pixel).toEqual(near([219, 37, 13]));
    const sRgbChromaticities = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
    expect((await colour(pngChunk.gamma(0.45455), pngChunk.chromaticities(sRgbChromaticities))).pixel).toEqual(p3);
    expect((await colour(pngChunk.codes(12, 13))).pixel).toEqual(near([218, 42, 23]));
    expect((await colour(pngChunk.codes(1, 13))).told).toEqual([]);
    expect((await colour(pngChunk.codes(9, 16))).told).toEqual(["HDR (PQ)"]);
  });

  it("whatever a profile claims, without an end or a crash", async () => {
    const bytes = [...p3Profile];
    for (let at = 0; at < bytes.length; at += 13) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] ^= 0xff;
      await readImage(await png(deep(1, 2, 3), pngChunk.icc(damaged)));
    }
    await readImage(await png(deep(1, 2, 3), pngChunk.icc(p3Profile.subarray(0, 200))));
  });
});

describe("samples of other types", () => {
  const shares = [0, 0.25, 0.5, 1];
  const scaled = (white: number) => shares.map((share) => Math.floor(share * white));
  const shown = [0, 64, 128, 255];

  it.each([
    ["floating point", Float32Array.from(shares)],
    ["32 bits", Uint32Array.from(scaled(2 ** 32 - 1))],
    ["signed 32 bits", Int32Array.from(scaled(2 ** 31 - 1))],
    ["16 bits", Uint16Array.from(scaled(65535))],
    ["signed 16 bits", Int16Array.from(scaled(32767))],
    ["signed 8 bits", Int8Array.from(scaled(127))],
  ])("are scaled, not cut: %s", async (kind, samples) => {
    const told: string[] = [];
    const image = await readImage(tiff({ width: 4, channels: 1, samples }), { onConvert: (from) => told.push(from) });
    expect(image.channels).toBe(1);
    for (const [i, value] of shown.entries()) expect(Math.abs(image.data[i] - value)).toBeLessThanOrEqual(2);
    expect(told).toEqual([kind]);
    const twice = await readImage(tiff({ width: 2, channels: 2, extra: 1, samples }));
    expect(twice.channels).toBe(2);
    for (const [i, value] of shown.entries()) expect(Math.abs(twice.data[i] - value)).toBeLessThanOrEqual(2);
    await read(tiff({ width: 4, channels: 1, samples }));
  });

  it("are scaled in colour, too; floating point is linear light there", async () => {
    const samples = Uint32Array.from([0, 0.25, 0.5, 1].map((share) => share * (2 ** 32 - 1)));
    const deep = await readImage(tiff({ width: 1, channels: 4, extra: 1, samples }));
    expect([...deep.data]).toEqual(near([0, 64, 128, 255]));
    const light = Float32Array.from([0, 0.25, 0.5]);
    expect([...(await readImage(tiff({ width: 1, channels: 3, samples: light }))).data]).toEqual([0, 137, 188]);
    const linear = iccProfile("GRAY", { kTRC: powerCurve(1) });
    const grey = tiff({ width: 3, channels: 1, samples: light, icc: linear });
    expect([...(await readImage(grey)).data]).toEqual([0, 137, 188]);
  });

  it("are refused where 1 is not white", async () => {
    const heights = tiff({ width: 4, channels: 1, samples: Float32Array.from([3, 0.5, 120, 254]) });
    await expect(readImage(heights)).rejects.toMatchObject({ code: "invalid-image", message: /outside of 0 to 1/ });
    const { rows } = await openImageRows(heights);
    await expect(collectRows({ rows, width: 4, height: 1, channels: 1 })).rejects.toMatchObject({
      code: "invalid-image",
    });
  });
});
