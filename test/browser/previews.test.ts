import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Channels } from "../../src/image/image.js";
import { decodePreview, encodePreview, previewToText } from "../../src/preview.js";
import { withChromium } from "./chromium.js";

const chromium = withChromium();
const cases: { width: number; height: number; channels: Channels; bytes: number }[] = [
  { width: 96, height: 64, channels: 4, bytes: 21 },
  { width: 61, height: 90, channels: 4, bytes: 21 },
  { width: 50, height: 50, channels: 3, bytes: 8 },
  { width: 160, height: 90, channels: 3, bytes: 64 },
  { width: 33, height: 7, channels: 1, bytes: 12 },
];

describe("previews", () => {
  it("have the same bytes and the same pixels in Chromium as in Node", async () => {
    const page = await chromium.open();
    const pictures = cases.map((shape, seed) => ({ ...shape, samples: [...drawSamples(shape, seed)] }));
    const there = await page.evaluate(async (pictures) => {
      const { decodePreview, encodePreview, previewToText } = await load("isthmus/preview");
      const results = [];
      for (const { samples, bytes, ...shape } of pictures) {
        const preview = encodePreview({ ...shape, data: Uint8Array.from(samples) }, { bytes });
        const { width, height, data } = decodePreview(preview, { size: 48 });
        results.push({ text: previewToText(preview), width, height, pixels: await digest(data) });
      }
      return results;
    }, pictures);
    const here = pictures.map(({ samples, bytes, ...shape }) => {
      const preview = encodePreview({ ...shape, data: Uint8Array.from(samples) }, { bytes });
      const { width, height, data } = decodePreview(preview, { size: 48 });
      return { text: previewToText(preview), width, height, pixels: createHash("sha256").update(data).digest("hex") };
    });
    expect(there).toEqual(here);
    expect(new Set(here.map(({ pixels }) => pixels)).size).toBe(cases.length);
    await page.close();
  });
});

/** Slopes, a disc and some noise; the last of four channels fades. */
function drawSamples({ width, height, channels }: (typeof cases)[number], seed: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y, c] = [pixel % width, Math.floor(pixel / width), i % channels];
    if (c === 3) return Math.min(255, 40 + 5 * x);
    const inside = (2 * x - width) ** 2 + (2 * y - height) ** 2 < (height * height) / 2;
    const noise = Math.imul(i + 1, 0x9e3779b1) >>> 27;
    return Math.min(255, (inside ? 150 - 40 * c : 20 + 60 * c) + ((x + y * (seed + 1)) >> 1) + noise);
  });
}
