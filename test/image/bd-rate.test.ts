import { describe, expect, it } from "vitest";
import { bdRate, type RatePoint } from "../../src/image/bd-rate.js";

const curve = (...points: [number, number][]): RatePoint[] => points.map(([rate, psnr]) => ({ rate, psnr }));

describe("bdRate", () => {
  const anchor = curve([686.76, 40.28], [309.58, 37.18], [157.11, 34.24], [85.95, 31.42]);

  it("is zero for a curve against itself", () => {
    expect(bdRate(anchor, anchor)).toBeCloseTo(0, 12);
  });

  it("is the constant factor between two curves", () => {
    const half = anchor.map(({ rate, psnr }) => ({ rate: rate / 2, psnr }));
    expect(bdRate(anchor, half)).toBeCloseTo(-50, 10);
    expect(bdRate(half, anchor)).toBeCloseTo(100, 10);
  });

  it("averages ln(rate) over the common range only", () => {
    // Straight lines: ln(rate) = psnr / 10 against psnr / 10 + (psnr - 30) / 20, common range 30 .. 36, mean gap 0.15.
    const straight = (slope: number, at: number[]): RatePoint[] =>
      at.map((psnr) => ({ rate: Math.exp(psnr / 10 + slope * (psnr - 30)), psnr }));
    expect(bdRate(straight(0, [20, 30, 36]), straight(0.05, [30, 40, 45]))).toBeCloseTo((Math.exp(0.15) - 1) * 100, 9);
  });

  it("agrees with another implementation of PCHIP (SciPy's PchipInterpolator, integrated exactly)", () => {
    const test = curve([893.34, 40.39], [407.8, 37.21], [204.93, 34.17], [112.75, 31.24]);
    expect(bdRate(anchor, test)).toBeCloseTo(31.37987820239754, 9);
    const uneven = curve([0.2, 28], [0.3, 29], [0.9, 34], [1.2, 34.1], [3, 41]);
    const other = curve([2, 38], [0.1, 27], [0.28, 30], [0.3, 31]);
    expect(bdRate(uneven, other)).toBeCloseTo(-38.643083148130316, 9);
  });

  it("refuses curves that cannot be compared", () => {
    const refused = { code: "invalid-parameter" };
    expect(() => bdRate(anchor, curve([1, 30]))).toThrow(expect.objectContaining(refused));
    expect(() => bdRate(anchor, curve([1, 30], [2, 30]))).toThrow(expect.objectContaining(refused));
    expect(() => bdRate(anchor, curve([1, 50], [2, 60]))).toThrow(/overlaps/);
    expect(() => bdRate(anchor, curve([0, 30], [2, 36]))).toThrow(/above zero/);
    expect(() => bdRate(anchor, curve([1, 30], [2, Infinity]))).toThrow(/finite/);
  });
});
