import { describe, expect, test } from "vitest";
import { checkAlphaQuality, quantizeAlpha } from "../../src/image/alpha-levels.js";

const ramp = Uint8Array.from({ length: 1024 }, (_, i) => i >> 2);
const levelsOf = (plane: Uint8Array): number[] => [...new Set(plane)].sort((left, right) => left - right);

describe("levels of alpha", () => {
  test.each([
    [0, 2],
    [50, 12],
    [70, 16],
    [85, 136],
  ])("quality %d leaves at most %d", (quality, count) => {
    expect(levelsOf(quantizeAlpha(ramp, quality)).length).toBeLessThanOrEqual(count);
    expect(levelsOf(quantizeAlpha(ramp, quality)).length).toBeGreaterThan(count / 2);
  });

  test("all stay at 100, and in masks of few levels at any quality", () => {
    expect(quantizeAlpha(ramp, 100)).toEqual(ramp);
    const mask = ramp.map((sample) => (sample >> 4) * 17);
    expect(levelsOf(mask)).toHaveLength(16);
    for (const quality of [0, 30, 99]) expect(quantizeAlpha(mask, quality)).toEqual(mask);
  });

  test("0 and 255 stay themselves, at any quality", () => {
    for (let quality = 0; quality <= 100; quality += 10) {
      const quantized = quantizeAlpha(ramp, quality);
      expect(quantized.subarray(0, 4).every((sample) => sample === 0)).toBe(true);
      expect(quantized.subarray(1020).every((sample) => sample === 255)).toBe(true);
    }
  });

  test("keep their order, and come closer to the samples as the quality rises", () => {
    const errors = [0, 30, 70, 90].map((quality) => {
      const quantized = quantizeAlpha(ramp, quality);
      expect(quantized.every((sample, i) => i === 0 || sample >= quantized[i - 1])).toBe(true);
      return quantized.reduce((sum, sample, i) => sum + (sample - ramp[i]) ** 2, 0);
    });
    expect(errors).toEqual(errors.toSorted((left, right) => right - left));
    expect(new Set(errors).size).toBe(errors.length);
  });

  test("between others than 0 and 255 end at the outermost of them", () => {
    const glass = ramp.map((sample) => 100 + (sample >> 2));
    expect(levelsOf(quantizeAlpha(glass, 0))).toEqual([100, 163]);
  });

  test.each([[-1], [101], [Number.NaN], ["50"], [null]])("a quality of %j is refused", (quality) => {
    expect(() => checkAlphaQuality(quality as never)).toThrow(/alphaQuality/);
  });
});
