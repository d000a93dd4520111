import { describe, expect, it } from "vitest";
import type { Image } from "../../src/image/image.js";
import { ssim } from "../../src/image/ssim.js";

function draw(
  width: number,
  height: number,
  channels: number,
  sample: (x: number, y: number, c: number) => number,
): Image {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    data[i] = sample(pixel % width, Math.floor(pixel / width), i % channels);
  }
  return { data, width, height, channels };
}

const ramp = (x: number, y: number): number => (x * 7 + y * 13) % 256;
const disturbed = (x: number, y: number): number => (x * 7 + y * 13 + ((x * y) % 23)) % 256;

describe("ssim", () => {
  it("is one for equal images of any size", () => {
    for (const [width, height] of [
      [1, 1],
      [2, 30],
      [10, 11],
      [40, 12],
    ]) {
      expect(ssim(draw(width, height, 3, ramp), draw(width, height, 3, ramp))).toBeCloseTo(1, 12);
    }
  });

  it("has its closed form on flat images", () => {
    const constant = (0.01 * 255) ** 2;
    const flat = (value: number): Image => draw(16, 16, 1, () => value);
    const expected = (2 * 100 * 120 + constant) / (100 ** 2 + 120 ** 2 + constant);
    expect(ssim(flat(100), flat(120))).toBeCloseTo(expected, 10);
  });

  it("agrees with a direct two-dimensional convolution (SciPy's convolve2d, mode valid)", () => {
    expect(ssim(draw(24, 17, 1, ramp), draw(24, 17, 1, disturbed))).toBeCloseTo(0.6866121053240051, 10);
    expect(ssim(draw(8, 6, 1, ramp), draw(8, 6, 1, disturbed))).toBeCloseTo(0.9615584131067552, 10);
  });

  it("weighs colours as luma does, and sees transparency over black", () => {
    const grey = ssim(draw(24, 17, 1, ramp), draw(24, 17, 1, disturbed));
    expect(ssim(draw(24, 17, 3, ramp), draw(24, 17, 3, disturbed))).toBeCloseTo(grey, 10);
    const hidden = (sample: (x: number, y: number) => number): Image =>
      draw(24, 17, 4, (x, y, c) => (c === 3 ? 0 : sample(x, y)));
    expect(ssim(hidden(ramp), hidden(disturbed))).toBeCloseTo(1, 12);
    const red = ssim(
      draw(24, 17, 3, ramp),
      draw(24, 17, 3, (x, y, c) => (c === 0 ? disturbed : ramp)(x, y)),
    );
    const green = ssim(
      draw(24, 17, 3, ramp),
      draw(24, 17, 3, (x, y, c) => (c === 1 ? disturbed : ramp)(x, y)),
    );
    expect(green).toBeLessThan(red);
  });
});
