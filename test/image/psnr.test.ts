import { describe, expect, it } from "vitest";
import type { Image } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";

const image = (channels: number, ...samples: number[]): Image => ({
  data: Uint8Array.from(samples),
  width: samples.length / channels,
  height: 1,
  channels,
});

describe("psnr", () => {
  it("is infinite for equal images", () => {
    expect(psnr(image(1, 1, 2, 3), image(1, 1, 2, 3))).toBe(Infinity);
  });

  it("follows its definition", () => {
    expect(psnr(image(1, 0, 0), image(1, 255, 255))).toBe(0);
    expect(psnr(image(3, 10, 20, 30), image(3, 11, 19, 31))).toBeCloseTo(20 * Math.log10(255), 12);
    expect(psnr(image(1, 0, 0, 0, 0), image(1, 0, 6, 0, 0))).toBeCloseTo(10 * Math.log10(255 ** 2 / 9), 12);
  });

  it("sees alpha, and not the colour under an alpha of zero in both", () => {
    expect(psnr(image(4, 9, 9, 9, 0), image(4, 200, 1, 7, 0))).toBe(Infinity);
    expect(psnr(image(2, 9, 0), image(2, 9, 2))).toBeCloseTo(10 * Math.log10(255 ** 2 / 2), 12);
    expect(psnr(image(2, 9, 0), image(2, 13, 2))).toBeCloseTo(10 * Math.log10(255 ** 2 / 10), 12);
  });

  it("refuses images of different shape", () => {
    expect(() => psnr(image(1, 1, 2), image(2, 1, 2))).toThrow(
      "Expected 2 x 1 pixels of 1 channel for image but received 1 x 1 pixels of 2 channels",
    );
  });
});
