import { describe, expect, test } from "vitest";
import type { RivalDifference } from "../../src/comparison/bd-rates.js";
import type { Curve } from "../../src/comparison/curves.js";
import { payoffs } from "../../src/comparison/pays.js";

const curve = (
  name: string,
  setting: string,
  points: [quality: number, bytes: number, score: number | null][],
): Curve => ({
  ...{ id: name, name, setting, lossless: false, keepsAlpha: false },
  points: points.map(([quality, bytes, ssimulacra2]) => ({
    ...{ quality, bytes, ssimulacra2, bpp: bytes / 1000 },
    ...{ psnr: 20 + bytes / 100, ssim: 0.9, msSsim: 0.95 },
  })),
});
const rate = (name: string, setting: string): RivalDifference => {
  const one = { setting, percent: -10 };
  return { name, ssimulacra2: one, psnr: one, msSsim: one };
};

const own = curve("Isthmus", "effort 0", [
  [25, 500, 40],
  [70, 1000, 70],
  [100, 3000, 90],
]);

describe("a model pays for itself", () => {
  test("after the images whose savings are the bytes of its receiver's half", () => {
    const webp = curve("WebP", "effort 6", [
      [10, 400, 20],
      [50, 800, 60],
      [90, 3200, 80],
    ]);
    const avif = curve("AVIF", "4:4:4", [
      [10, 900, 70],
      [50, 1000, 80],
    ]);
    const best = curve("AVIF", "4:2:0", [
      [10, 1100, 60],
      [50, 1300, 80],
    ]);
    const rates = [rate("WebP", "effort 6, or lossless where smaller"), rate("AVIF", "4:4:4")];
    const found = payoffs(own, [webp, best, avif], rates, 40_000);
    // 70 lies half way from 60 to 80 points: the geometric mean of 800 and 3200 bytes, 600 more than the 1000 of Isthmus.
    expect(found[0]).toMatchObject({ name: "WebP", quality: 70, metric: "ssimulacra2", value: 70, images: 67 });
    expect(found[0].savedBytes).toBeCloseTo(600, 6);
    expect(found[1]).toMatchObject({ name: "AVIF", savedBytes: -100, images: null });
  });

  test("never, as far as is known, where the rival's curve does not reach as far", () => {
    const found = payoffs(
      own,
      [
        curve("WebP", "effort 6", [
          [10, 400, 20],
          [90, 900, 60],
        ]),
      ],
      [rate("WebP", "effort 6")],
      9,
    );
    expect(found).toMatchObject([{ savedBytes: null, images: null }]);
  });

  test("by PSNR where images are too small for a score", () => {
    const small = curve("Isthmus", "", [[75, 1000, null]]);
    const webp = curve("WebP", "", [
      [10, 900, null],
      [20, 1100, null],
    ]);
    expect(payoffs(small, [webp], [rate("WebP", "")], 10)[0]).toMatchObject({ metric: "psnr", value: 30 });
  });

  test("against the rival's lossless file where every pixel comes back", () => {
    const exact = (name: string, bytes: number, lossless: boolean): Curve => ({
      ...curve(name, "", [[75, bytes, 100]]),
      lossless,
      points: [{ ...curve(name, "", [[75, bytes, 100]]).points[0], psnr: 60 }],
    });
    const lossy = (name: string) => curve(name, "", [[75, 300, 90]]);
    const found = payoffs(
      exact("Isthmus", 80, false),
      [lossy("WebP"), lossy("JPEG"), exact("WebP lossless", 200, true)],
      [rate("WebP", ""), rate("JPEG", "")],
      1300,
    );
    expect(found).toMatchObject([
      { name: "WebP", savedBytes: 120, images: 11 },
      { name: "JPEG", savedBytes: null, images: null },
    ]);
  });
});
