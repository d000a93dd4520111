import { describe, expect, test } from "vitest";
import { gaussianBlur } from "../../src/image/gaussian-blur.js";
import type { DecodedImage } from "../../src/image/image.js";
import { enlarge, shrink } from "../../src/image/resize.js";
import { drawPicture } from "../reference/pictures.js";

const plain = (width: number, height: number, value: number): DecodedImage => ({
  data: new Uint8Array(width * height).fill(value),
  width,
  height,
  channels: 1,
});

/** A slope along x, which cubic convolution and any symmetric filter reproduce away from the edges. */
const slope = (width: number, height: number, step: number): DecodedImage => ({
  data: Uint8Array.from({ length: width * height }, (_, i) => 10 + step * (i % width)),
  width,
  height,
  channels: 1,
});

describe("gaussianBlur", () => {
  test("keeps a plain picture, and a slope away from the edges", () => {
    expect(gaussianBlur(plain(7, 5, 93), 1.6)).toEqual(plain(7, 5, 93));
    const blurred = gaussianBlur(slope(40, 3, 4), 1.6);
    expect(blurred.data.subarray(46, 74)).toEqual(slope(40, 3, 4).data.subarray(46, 74));
  });

  test("spreads a point as a Gaussian of that deviation", () => {
    const point = plain(31, 31, 0);
    point.data[15 * 31 + 15] = 255;
    const { data } = gaussianBlur(point, 1.5);
    const wanted = (x: number, y: number): number =>
      (255 * Math.exp(-(x * x + y * y) / 2 / 2.25)) / (2 * Math.PI * 2.25);
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 2],
      [-2, 1],
      [3, 3],
    ]) {
      expect(Math.abs(data[(15 + y) * 31 + 15 + x] - wanted(x, y))).toBeLessThan(0.8);
    }
  });

  test("treats channels apart and takes pictures of one pixel", () => {
    const picture = drawPicture(9, 8, 3, 2);
    const green = { ...plain(9, 8, 0), data: picture.data.filter((_, i) => i % 3 === 1) };
    expect(gaussianBlur(picture, 0.8).data.filter((_, i) => i % 3 === 1)).toEqual(gaussianBlur(green, 0.8).data);
    expect(gaussianBlur(plain(1, 1, 12), 3)).toEqual(plain(1, 1, 12));
  });
});

describe("resize", () => {
  test("shrinks to means of blocks, of what is there at the edges", () => {
    const image = { ...plain(3, 2, 0), data: Uint8Array.of(0, 10, 7, 20, 30, 9) };
    expect(shrink(image, 2)).toEqual({ data: Uint8Array.of(15, 8), width: 2, height: 1, channels: 1 });
  });

  test("enlarges plain pictures and slopes exactly, to the wanted size", () => {
    expect(enlarge(plain(3, 2, 77), 3)).toEqual(plain(9, 6, 77));
    const { data, width } = enlarge(slope(12, 3, 8), 2);
    expect(width).toBe(24);
    expect(Array.from(data.subarray(24 + 4, 24 + 8))).toEqual([24, 28, 32, 36]);
    expect(enlarge(plain(3, 2, 5), 2, { width: 5, height: 3 })).toEqual(plain(5, 3, 5));
  });

  test("a picture that was shrunk and enlarged is near what it was", () => {
    const picture = drawPicture(32, 24, 3);
    const again = enlarge(shrink(picture, 2), 2);
    const error = again.data.reduce((sum, value, i) => sum + Math.abs(value - picture.data[i]), 0) / again.data.length;
    expect(error).toBeLessThan(8);
  });
});
