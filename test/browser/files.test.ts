import sharp from "sharp";
import { expect, it } from "vitest";
import { readImage } from "../../src/node/read-image.js";
import {
  adobeProfile,
  appleP3Profile,
  gif,
  iccProfile,
  p3Profile,
  pngChunk,
  powerCurve,
  withChunks,
} from "../node/made-files.js";
import { withChromium } from "./chromium.js";

const chromium = withChromium();
const side = 8;

/** A picture of the same samples, of 8 or of 16 bits. */
function flat(bits: 8 | 16, samples: readonly number[]) {
  const values = Array.from({ length: side * side }, () => samples).flat();
  const data = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values, (value) => value * 257);
  const pipeline = sharp(data, { raw: { width: side, height: side, channels: samples.length as 1 | 2 | 3 | 4 } });
  if (samples.length <= 2) return pipeline.toColourspace(bits === 8 ? "b-w" : "grey16");
  return bits === 8 ? pipeline : pipeline.toColourspace("rgb16");
}

const sRgbChromaticities = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
const p3Chromaticities = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
const pngs: [name: string, samples: number[], ...chunks: Buffer[]][] = [
  ["nothing", [200, 60, 40]],
  ["Display P3", [200, 60, 40], pngChunk.icc(p3Profile)],
  ["Display P3 as Apple's", [200, 60, 40], pngChunk.icc(appleP3Profile)],
  ["Adobe RGB", [30, 200, 60], pngChunk.icc(adobeProfile)],
  ["dark Adobe RGB", [5, 9, 20], pngChunk.icc(adobeProfile)],
  ["grey of 1.8", [100], pngChunk.icc(iccProfile("GRAY", { kTRC: powerCurve(1.8) }))],
  ["gamma 1", [100, 50, 20], pngChunk.gamma(1)],
  ["gamma 0.45455", [100, 50, 20], pngChunk.gamma(0.45455)],
  ["gamma 0.6 of grey", [100], pngChunk.gamma(0.6)],
  ["chromaticities", [200, 60, 40], pngChunk.gamma(0.45455), pngChunk.chromaticities(p3Chromaticities)],
  ["gamma 0.5", [200, 60, 40], pngChunk.gamma(0.5), pngChunk.chromaticities(sRgbChromaticities)],
  ["wide video", [200, 60, 40], pngChunk.codes(9, 1)],
  ["codes over a profile", [200, 60, 40], pngChunk.icc(p3Profile), pngChunk.codes(1, 13)],
  ...[1, 4, 5, 6, 7, 8, 13, 14, 17].map((code): [string, number[], Buffer] => [
    `transfer ${code}`,
    [150, 60, 40],
    pngChunk.codes(1, code),
  ]),
  ...[2, 4, 5, 6, 7, 8, 9, 11, 12, 22].map((code): [string, number[], Buffer] => [
    `primaries ${code}`,
    [150, 60, 40],
    pngChunk.codes(code, 13),
  ]),
];

it("files have the samples that Chromium shows", async () => {
  const files: [name: string, type: string, bytes: Buffer][] = [["a small frame", "gif", gif([8, 8], [2, 2, 2, 2])]];
  for (const [name, samples, ...chunks] of pngs) {
    for (const bits of [8, 16] as const) {
      const bytes = await flat(bits, samples).png().toBuffer();
      files.push([`${name}, ${bits} bits`, "png", withChunks(bytes, ...chunks)]);
    }
  }
  const avif = await flat(16, [200, 60, 40]).heif({ compression: "av1", bitdepth: 10, lossless: true }).toBuffer();
  const codes = avif.indexOf("colrnclx") + 8;
  for (const [primaries, transfer] of [
    [1, 13],
    [1, 1],
    [2, 2],
    [5, 6],
    [6, 6],
    [9, 1],
    [12, 13],
  ]) {
    const coded = Buffer.from(avif);
    coded.writeUInt16BE(primaries, codes);
    coded.writeUInt16BE(transfer, codes + 2);
    files.push([`AVIF ${primaries}/${transfer}`, "avif", coded]);
  }

  const page = await chromium.open();
  const wrong: string[] = [];
  for (const [name, type, bytes] of files) {
    const { data, channels } = await readImage(bytes);
    const shown = await page.evaluate(
      async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d")!;
        context.drawImage(image, 0, 0);
        return [...context.getImageData(0, 0, image.width, image.height).data];
      },
      `data:image/${type};base64,${bytes.toString("base64")}`,
    );
    const read = Array.from({ length: side * side }, (_, pixel) => {
      const samples = [...data.subarray(pixel * channels, (pixel + 1) * channels)];
      return channels === 1 ? [...Array(3).fill(samples[0]), 255] : [...samples, 255].slice(0, 4);
    }).flat();
    const most = Math.max(...read.map((value, i) => Math.abs(value - shown[i])));
    if (most > 1) wrong.push(`${name}: read ${read.slice(0, 4)}, shown ${shown.slice(0, 4)}`);
  }
  expect(wrong).toEqual([]);
});
