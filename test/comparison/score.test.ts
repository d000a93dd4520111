import { describe, expect, it } from "vitest";
import { fewestChannels, isFlat } from "../../src/comparison/picture.js";
import { highestPsnr, score, scorePsnr } from "../../src/comparison/score.js";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { drawPicture } from "../reference/pictures.js";

const filled = (channels: Channels, ...pixel: number[]): DecodedImage => ({
  data: Uint8Array.from({ length: 16 * 16 * channels }, (_, i) => pixel[i % channels]),
  width: 16,
  height: 16,
  channels,
});

describe("score", () => {
  it("is the plain PSNR where there is no alpha", () => {
    const [left, right] = [drawPicture(40, 30, 3, 0), drawPicture(40, 30, 3, 1)];
    expect(score(left, right).psnr).toBeCloseTo(psnr(left, right), 9);
    expect(scorePsnr(left, right)).toBeCloseTo(psnr(left, right), 9);
  });

  it("counts a copy as the highest PSNR, and as like in every other way", () => {
    const image = drawPicture(40, 30, 4);
    const { psnr, ssim, msSsim } = score(image, image);
    expect([psnr, ssim, msSsim]).toEqual([highestPsnr, expect.closeTo(1, 9), expect.closeTo(1, 9)]);
  });

  it("does not see the colour of what is hidden", () => {
    expect(score(filled(4, 200, 10, 90, 0), filled(4, 0, 0, 0, 0)).psnr).toBe(highestPsnr);
  });

  it("counts colour as far as it is visible", () => {
    const half = score(filled(2, 100, 128), filled(2, 120, 128)).psnr;
    const whole = score(filled(1, 100), filled(1, 120)).psnr;
    expect(half - whole).toBeCloseTo(20 * Math.log10(255 / 128), 0);
  });

  it("sees wrong alpha before black and before white: the mean of both squared errors", () => {
    // White at half alpha for opaque white: nothing before white, 127 before black.
    expect(score(filled(2, 255, 255), filled(2, 255, 128)).psnr).toBeCloseTo(
      10 * Math.log10(255 ** 2 / (127 ** 2 / 2)),
      9,
    );
    // Black the other way round.
    expect(score(filled(2, 0, 255), filled(2, 0, 128)).psnr).toBeCloseTo(10 * Math.log10(255 ** 2 / (127 ** 2 / 2)), 9);
  });

  it("takes lost alpha, lost colour and colour for grey as what they show", () => {
    expect(score(filled(3, 9, 9, 9), filled(1, 9)).psnr).toBe(highestPsnr);
    expect(score(filled(1, 9), filled(4, 9, 9, 9, 255)).psnr).toBe(highestPsnr);
    expect(score(filled(4, 9, 9, 9, 0), filled(3, 9, 9, 9)).psnr).toBeLessThan(10);
  });
});

describe("fewestChannels", () => {
  it("drops alpha and colour that say nothing, and keeps what does", () => {
    expect(fewestChannels(filled(4, 5, 5, 5, 255))).toEqual(filled(1, 5));
    expect(fewestChannels(filled(4, 5, 5, 5, 7))).toEqual(filled(2, 5, 7));
    expect(fewestChannels(filled(4, 5, 6, 5, 255))).toEqual(filled(3, 5, 6, 5));
    expect(fewestChannels(filled(4, 5, 6, 5, 7))).toEqual(filled(4, 5, 6, 5, 7));
    expect(fewestChannels(filled(2, 5, 255))).toEqual(filled(1, 5));
  });
});

describe("isFlat", () => {
  it("tells drawings from shaded pictures", () => {
    expect(isFlat(filled(3, 1, 2, 3))).toBe(true);
    expect(isFlat(drawPicture(64, 64, 3))).toBe(false);
  });
});
