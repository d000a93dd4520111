import { describe, expect, test } from "vitest";
import type { DecodedImage } from "../../src/image/image.js";
import { loadCodec, ssimulacra2 } from "../../src/index.js";

/** With the embedded model more quality is more bytes and a better picture, also of what no photo looks like. */

const codec = await loadCodec();
/** Bytes may fall by this share from one quality to the next, and the score below that of a lower quality by so many points. */
const tolerance = { bytes: 0.05, score: 8 };

function draw(width: number, height: number, colour: (x: number, y: number) => readonly number[]): DecodedImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(
        colour(x, y).map((sample) => Math.max(0, Math.min(255, Math.round(sample)))),
        (y * width + x) * 3,
      );
    }
  }
  return { data, width, height, channels: 3 };
}

const inDisc = (x: number, y: number): number => Math.max(0, Math.min(1, 40.5 - Math.hypot(x - 60, y - 60)));

const pictures: Record<string, DecodedImage> = {
  flat: draw(128, 96, () => [120, 130, 140]),
  "a gradient": draw(192, 128, (x, y) => [x, 1.5 * y, 255 - x]),
  waves: draw(200, 150, (x, y) => [
    128 + 100 * Math.sin(x / 30),
    128 + 90 * Math.cos(y / 25),
    128 + 60 * Math.sin((x + y) / 40),
  ]),
  "tiny, of two cells": draw(9, 11, (x, y) => [25 * x, 20 * y, 128]),
  "drawn with soft edges": draw(160, 120, (x, y) =>
    [240, 235, 225].map((paper, channel) => paper + inDisc(x, y) * ([220, 60, 30][channel] - paper)),
  ),
  "drawn with hard edges": draw(160, 120, (x, y) =>
    Math.hypot(x - 60, y - 60) < 40 ? [220, 60, 30] : (x + y) % 30 < 4 ? [20, 20, 20] : [240, 235, 225],
  ),
};

describe("bytes and score rise with quality", () => {
  test.each(Object.entries(pictures))("%s", async (_, picture) => {
    let bytes = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (let quality = 0; quality <= 100; quality += 10) {
      const stream = await codec.encode(picture, { quality });
      const score = await ssimulacra2(picture, await codec.decode(stream));
      expect(stream.length).toBeGreaterThanOrEqual((1 - tolerance.bytes) * bytes);
      expect(score).toBeGreaterThan(best - tolerance.score);
      bytes = stream.length;
      best = Math.max(best, score);
    }
    expect(best).toBeGreaterThan(85);
  });
});
