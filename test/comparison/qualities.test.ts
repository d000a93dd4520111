import { describe, expect, it } from "vitest";
import { chooseQualities } from "../../src/comparison/qualities.js";
import { spread } from "../../src/comparison/survey.js";

/** By default without a score, as of tiny pictures. */
const point = (quality: number, psnr: number, ssimulacra2: number | null = null) => ({ quality, psnr, ssimulacra2 });
const between = (low: number, high: number) => [point(0, low), point(100, high)];

describe("chooseQualities", () => {
  it("spreads the points evenly over the PSNR that is asked for, and a little beyond", () => {
    const line = [point(0, 20), point(50, 30), point(100, 50)];
    expect(chooseQualities(line, between(25.5, 39.5), 4)).toEqual([25, 50, 63, 75]);
  });

  it("stays within what the codec can do, and names no quality twice", () => {
    const line = [point(1, 30), point(100, 34)];
    expect(chooseQualities(line, between(20, 25), 6)).toEqual([1]);
    expect(chooseQualities(line, between(40, 50), 6)).toEqual([100]);
    expect(chooseQualities(line, between(20, 50), 3)).toEqual([1, 51, 100]);
  });

  it("covers the scores that are asked for as well as the PSNR", () => {
    const line = [point(0, 20, 0), point(100, 40, 100)];
    // 24 to 30 dB would end at a quality of 52; 48 to 78 points go on to 80.
    expect(chooseQualities(line, [point(0, 24.5, 48), point(100, 29.5, 78)], 3)).toEqual([20, 50, 80]);
    expect(chooseQualities(line, [point(0, 30.5, 22), point(100, 39.5, 78)], 3)).toEqual([20, 60, 100]);
  });
});

describe("spread", () => {
  it("takes items from all over a list, and all where there are few", () => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    expect(spread(items, 3)).toEqual([1, 5, 8]);
    expect(spread(items, 10)).toEqual(items);
    expect(spread(items, 99)).toEqual(items);
  });
});
