import { describe, expect, it } from "vitest";
import type { Image } from "../../src/image/image.js";
import { msSsim, structuralScores } from "../../src/image/ms-ssim.js";
import { ssim } from "../../src/image/ssim.js";
import { drawPicture } from "../reference/pictures.js";

const weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

const flat = (side: number, value: number): Image => ({
  data: new Uint8Array(side * side).fill(value),
  width: side,
  height: side,
  channels: 1,
});

const changed = (image: Image, change: (sample: number, i: number) => number): Image => ({
  ...image,
  data: Uint8Array.from(image.data, (sample, i) => Math.max(0, Math.min(255, Math.round(change(sample, i))))),
});

describe("msSsim", () => {
  it("is one for equal images of any size", () => {
    for (const [width, height] of [
      [1, 1],
      [7, 30],
      [40, 22],
      [200, 180],
    ]) {
      const image = drawPicture(width, height, 3);
      expect(msSsim(image, image)).toBeCloseTo(1, 12);
    }
  });

  it("has its closed form on flat images: the luminance term of the coarsest scale, to its exponent", () => {
    const c1 = (0.01 * 255) ** 2;
    const luminance = (2 * 100 * 120 + c1) / (100 ** 2 + 120 ** 2 + c1);
    expect(msSsim(flat(176, 100), flat(176, 120))).toBeCloseTo(luminance ** weights[4], 10);
    // 44 pixels have room for three scales: 44, 22 and 11.
    const three = weights[0] + weights[1] + weights[2];
    expect(msSsim(flat(44, 100), flat(44, 120))).toBeCloseTo(luminance ** (weights[2] / three), 10);
  });

  it("is SSIM where there is room for one scale", () => {
    const image = drawPicture(21, 60, 1);
    const other = changed(image, (sample, i) => sample + ((i * 7) % 23));
    expect(msSsim(image, other)).toBeCloseTo(ssim(image, other), 12);
  });

  it("forgives a pattern of single pixels that SSIM punishes, and falls as it grows", () => {
    const image = drawPicture(192, 192, 1);
    const checkered = (strength: number): Image =>
      changed(image, (sample, i) => sample + strength * ((i + Math.floor(i / 192)) % 2 ? 1 : -1));
    const [weak, strong] = [structuralScores(image, checkered(8)), structuralScores(image, checkered(16))];
    expect(weak.msSsim).toBeGreaterThan(weak.ssim);
    expect(strong.msSsim).toBeLessThan(weak.msSsim);
    expect(weak.ssim).toBeCloseTo(ssim(image, checkered(8)), 12);
  });

  it("is zero, and a number, where the pictures contradict each other", () => {
    const image = changed(flat(176, 0), (_, i) => (Math.floor((i % 176) / 32) % 2 ? 250 : 5));
    expect(
      msSsim(
        image,
        changed(image, (sample) => 255 - sample),
      ),
    ).toBe(0);
  });
});
