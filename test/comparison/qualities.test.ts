import { describe, expect, it } from "vitest";
import { chooseQualities } from "../../src/comparison/qualities.js";
import { spread } from "../../src/comparison/survey.js";

const point = (quality: number, psnr: number) => ({ quality, psnr, bytes: 1, bpp: 1, ssim: 1, msSsim: 1 });

describe("chooseQualities", () => {
  it("spreads the points evenly over the PSNR that is asked for, and a little beyond", () => {
    const line = [point(0, 20), point(50, 30), point(100, 50)];
    expect(chooseQualities(line, 25.5, 39.5, 4)).toEqual([25, 50, 63, 75]);
  });

  it("stays within what the codec can do, and names no quality twice", () => {
    const line = [point(1, 30), point(100, 34)];
    expect(chooseQualities(line, 20, 25, 6)).toEqual([1]);
    expect(chooseQualities(line, 40, 50, 6)).toEqual([100]);
    expect(chooseQualities(line, 20, 50, 3)).toEqual([1, 100]);
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
