import { describe, expect, it } from "vitest";
import { differences } from "../../src/comparison/bd-rates.js";
import type { Curve } from "../../src/comparison/curves.js";
import { highestPsnr } from "../../src/comparison/metrics.js";

const curve = (name: string, setting: string, points: [bpp: number, psnr: number][], lossless = false): Curve => ({
  ...{ id: `${name} ${setting}`, name, setting, keepsAlpha: true, lossless },
  points: points.map(([bpp, psnr]) => ({
    ...{ quality: bpp, bytes: bpp * 1000, bpp, psnr, ssim: 0 },
    // The same number by all metrics.
    ssimulacra2: psnr,
    msSsim: 1 - 10 ** (-psnr / 10),
  })),
});

const own = curve("Isthmus", "", [
  [0.2, 30],
  [0.4, 34],
  [0.8, 38],
]);
const scaled = (name: string, setting: string, factor: number): Curve =>
  curve(
    name,
    setting,
    own.points.map(({ bpp, psnr }) => [bpp * factor, psnr]),
  );

describe("differences", () => {
  it("compares with the setting that serves each rival best", () => {
    const rivals = [scaled("A", "slow", 2), scaled("A", "slower", 1.25), scaled("B", "only", 0.5)];
    const [a, b] = differences(own, rivals, undefined);
    expect(a).toMatchObject({ name: "A", psnr: { setting: "slower", overlap: { low: 30, high: 38 } } });
    expect(a.ssimulacra2.percent).toBeCloseTo(-20, 9);
    expect(a.psnr.percent).toBeCloseTo(-20, 9);
    expect(a.msSsim.percent).toBeCloseTo(-20, 6);
    expect(b.psnr.percent).toBeCloseTo(100, 9);
  });

  it("has no figure, but a reason, where curves do not meet or are single points", () => {
    const [far, dot] = differences(
      own,
      [
        curve("far", "x", [
          [1, 40],
          [2, 45],
        ]),
        curve("dot", "x", [[1, 34]]),
      ],
      undefined,
    );
    expect(far.psnr).toEqual({
      setting: "x",
      percent: null,
      reason: "no overlap: Isthmus 30.0 to 38.0 dB, it 40.0 to 45.0 dB",
    });
    expect(dot.psnr).toMatchObject({ percent: null, reason: "its curve has fewer than two points" });
  });

  it("takes the setting that serves a rival best by each metric", () => {
    const better = scaled("A", "for the eye", 1).points.map((point, i) => ({
      ...point,
      psnr: point.psnr - 1,
      bpp: own.points[i].bpp,
    }));
    const worse = scaled("A", "for samples", 1).points.map((point) => ({ ...point, ssimulacra2: point.psnr - 5 }));
    const settings = [
      { ...curve("A", "for the eye", []), points: better },
      { ...curve("A", "for samples", []), points: worse },
    ];
    const [a] = differences(own, settings, undefined);
    expect([a.ssimulacra2.setting, a.psnr.setting]).toEqual(["for the eye", "for samples"]);
    expect([a.ssimulacra2.percent, a.psnr.percent]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)]);
  });

  it("has no figure by SSIMULACRA 2, but a reason, where images are too small for it", () => {
    const small = (of: Curve): Curve => ({
      ...of,
      points: of.points.map((point) => ({ ...point, ssimulacra2: null })),
    });
    const [a] = differences(small(own), [small(scaled("A", "x", 2))], undefined);
    expect(a.ssimulacra2).toEqual({ setting: "x", percent: null, reason: "the images are too small for SSIMULACRA 2" });
    expect(a.psnr.percent).toBeCloseTo(-50, 9);
  });

  it("drops points that another beats in rate and likeness", () => {
    const points = own.points.map(({ bpp, psnr }): [number, number] => [bpp * 2, psnr]);
    const [clumsy] = differences(own, [curve("A", "x", [...points, [1.7, 33], [0.8, 31]])], undefined);
    expect(clumsy.psnr.percent).toBeCloseTo(-50, 9);
  });

  it("lets a rival send the lossless file where that is smaller", () => {
    const lossless = curve("W lossless", "x", [[0.4, highestPsnr]], true);
    const [w] = differences(own, [scaled("W", "x", 4)], lossless);
    expect(w.psnr.setting).toBe("x, or lossless where smaller");
    // Against 0.4 bits a pixel throughout: half, equal and twice the rate are equal in the mean.
    expect(w.psnr.percent).toBeCloseTo(0, 6);
    const [unchanged] = differences(own, [scaled("W", "x", 0.25)], lossless);
    expect(unchanged.psnr.percent).toBeCloseTo(300, 9);
  });
});
