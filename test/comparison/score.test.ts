import { describe, expect, it } from "vitest";
import { highestPsnr, lowestScore } from "../../src/comparison/metrics.js";
import { fewestChannels, isFlat } from "../../src/comparison/picture.js";
import { quickScore, score } from "../../src/comparison/score.js";
import { convertColour } from "../../src/image/channels.js";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { ssimulacra2 } from "../../src/metric/ssimulacra2.js";
import { drawPicture } from "../reference/pictures.js";

const filled = (channels: Channels, ...pixel: number[]): DecodedImage => ({
  data: Uint8Array.from({ length: 16 * 16 * channels }, (_, i) => pixel[i % channels]),
  width: 16,
  height: 16,
  channels,
});

describe("score", () => {
  it("is the plain PSNR where there is no alpha", async () => {
    const [left, right] = [drawPicture(40, 30, 3, 0), drawPicture(40, 30, 3, 1)];
    expect((await score(left, right)).psnr).toBeCloseTo(psnr(left, right), 9);
    expect((await quickScore(left, right)).psnr).toBeCloseTo(psnr(left, right), 9);
  });

  it("counts a copy as the highest PSNR, and as like in every other way", async () => {
    const image = drawPicture(40, 30, 4);
    const { ssimulacra2, psnr, ssim, msSsim } = await score(image, image);
    expect([ssimulacra2, psnr, ssim, msSsim]).toEqual([100, highestPsnr, expect.closeTo(1, 9), expect.closeTo(1, 9)]);
  });

  it("does not see the colour of what is hidden", async () => {
    expect((await score(filled(4, 200, 10, 90, 0), filled(4, 0, 0, 0, 0))).psnr).toBe(highestPsnr);
  });

  it("counts colour as far as it is visible", async () => {
    const half = (await score(filled(2, 100, 128), filled(2, 120, 128))).psnr;
    const whole = (await score(filled(1, 100), filled(1, 120))).psnr;
    expect(half - whole).toBeCloseTo(20 * Math.log10(255 / 128), 0);
  });

  it("sees wrong alpha before black and before white: the mean of both squared errors", async () => {
    // White at half alpha for opaque white: nothing before white, 127 before black.
    expect((await score(filled(2, 255, 255), filled(2, 255, 128))).psnr).toBeCloseTo(
      10 * Math.log10(255 ** 2 / (127 ** 2 / 2)),
      9,
    );
    // Black the other way round.
    expect((await score(filled(2, 0, 255), filled(2, 0, 128))).psnr).toBeCloseTo(
      10 * Math.log10(255 ** 2 / (127 ** 2 / 2)),
      9,
    );
  });

  it("takes lost alpha, lost colour and colour for grey as what they show", async () => {
    expect((await score(filled(3, 9, 9, 9), filled(1, 9))).psnr).toBe(highestPsnr);
    expect((await score(filled(1, 9), filled(4, 9, 9, 9, 255))).psnr).toBe(highestPsnr);
    expect((await score(filled(4, 9, 9, 9, 0), filled(3, 9, 9, 9))).psnr).toBeLessThan(10);
  });

  it("is the plain SSIMULACRA 2 where there is no alpha, as quick and as a whole", async () => {
    const [left, right] = [drawPicture(40, 30, 3, 0), drawPicture(40, 30, 3, 0)];
    for (let i = 0; i < right.data.length; i += 7) right.data[i] ^= 8;
    const expected = await ssimulacra2(left, right);
    expect(expected).toBeGreaterThan(0);
    expect((await score(left, right)).ssimulacra2).toBe(expected);
    expect((await quickScore(left, right)).ssimulacra2).toBe(expected);
    const grey = (image: DecodedImage): DecodedImage => convertColour(image, 1);
    expect((await score(grey(left), right)).ssimulacra2).toBe(await ssimulacra2(grey(left), grey(right)));
  });

  it("has no SSIMULACRA 2 for pictures below 8 pixels, but all else", async () => {
    const sliver = drawPicture(40, 7, 3);
    expect(await score(sliver, sliver)).toMatchObject({ ssimulacra2: null, psnr: highestPsnr });
    const just = drawPicture(8, 8, 3);
    expect((await score(just, just)).ssimulacra2).toBe(100);
  });

  it("lets no picture count for less than the lowest score", async () => {
    const picture = drawPicture(128, 128, 3);
    const negative = { ...picture, data: picture.data.map((value) => 255 - value) };
    expect(await ssimulacra2(picture, negative)).toBeLessThan(lowestScore);
    expect((await score(picture, negative)).ssimulacra2).toBe(lowestScore);
  });

  it("scores alpha before black and before white: the mean of both", async () => {
    const [left, right] = [drawPicture(40, 30, 4, 0), drawPicture(40, 30, 4, 0)];
    for (let i = 3; i < right.data.length; i += 4) right.data[i] = Math.max(0, right.data[i] - 20);
    const over = (image: DecodedImage, background: number): DecodedImage => {
      const data = new Uint8Array(40 * 30 * 3);
      for (let i = 0; i < data.length; i++) {
        const alpha = image.data[4 * Math.floor(i / 3) + 3];
        const sample = image.data[4 * Math.floor(i / 3) + (i % 3)];
        data[i] = Math.round((sample * alpha + background * (255 - alpha)) / 255);
      }
      return { data, width: 40, height: 30, channels: 3 };
    };
    const [black, white] = await Promise.all([0, 255].map((b) => ssimulacra2(over(left, b), over(right, b))));
    expect(black).not.toBeCloseTo(white, 1);
    expect((await score(left, right)).ssimulacra2).toBeCloseTo((black + white) / 2, 9);
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
