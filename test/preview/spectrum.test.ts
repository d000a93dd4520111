import { describe, expect, it } from "vitest";
import type { Channels, DecodedImage } from "../../src/image/image.js";
import { analyse, frequencies, meanColour, render } from "../../src/preview/spectrum.js";
import { fitInto, thumbOf } from "../../src/preview/thumb.js";
import { picture } from "../node/pictures.js";

/** Mean over the area of each pixel of the thumb, sample by sample. */
function plainThumb({ data, width, height, channels }: DecodedImage, w: number, h: number): number[][] {
  const overlap = (i: number, cell: number, scale: number): number =>
    Math.max(0, Math.min((i + 1) * scale, cell + 1) - Math.max(i * scale, cell)) / scale;
  const alphaAt = channels % 2 === 0 ? channels - 1 : -1;
  return [0, 1, 2, 3].map((plane) =>
    Array.from({ length: w * h }, (_, i) => {
      let sum = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const share = overlap(i % w, x, width / w) * overlap(Math.floor(i / w), y, height / h);
          const at = (y * width + x) * channels;
          const alpha = alphaAt < 0 ? 1 : data[at + alphaAt] / 255;
          sum += share * alpha * (plane === 3 ? 1 : data[at + (channels <= 2 ? 0 : plane)] / 255);
        }
      }
      return sum;
    }),
  );
}

describe("thumbs", () => {
  it.each([
    [50, 37, 1],
    [64, 9, 2],
    [33, 70, 3],
    [40, 40, 4],
    [5, 3, 3],
  ] as [number, number, Channels][])("average %i x %i pixels of %i channels", (width, height, channels) => {
    const image = picture(width, height, channels);
    const thumb = thumbOf(image);
    expect(Math.max(thumb.width, thumb.height)).toBe(32);
    const plain = plainThumb(image, thumb.width, thumb.height);
    for (const [i, plane] of plain.entries()) {
      for (const [k, value] of plane.entries()) expect(Math.abs(thumb.planes[i][k] - value)).toBeLessThan(1e-9);
    }
    expect(thumb.transparent).toBe(channels % 2 === 0);
  });

  it("keep at least one pixel a side", () => {
    expect(fitInto(4000, 1, 32)).toEqual({ width: 32, height: 1 });
    expect(fitInto(1, 4000, 32)).toEqual({ width: 1, height: 32 });
  });
});

describe("spectra", () => {
  it("give back what they hold", () => {
    const wanted = Float64Array.from(frequencies, ({ plane, x, y }, i) =>
      plane === 3 ? 0 : ((i % 7) - 3) * 0.02 * Math.exp(-(x + y)),
    );
    const data = render(wanted, 32, 24, false);
    const found = analyse(thumbOf({ data, width: 32, height: 24, channels: 4 }));
    const error = Math.sqrt(found.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0));
    // Rounding to 8 bits is all that differs.
    expect(error).toBeLessThan(0.01);
  });

  it("have the mean colour in their first coefficients", () => {
    const data = new Uint8Array(40 * 20 * 3).map((_, i) => [200, 100, 30][i % 3]);
    const thumb = thumbOf({ data, width: 40, height: 20, channels: 3 });
    expect(meanColour(analyse(thumb), thumb.transparent)).toEqual([200, 100, 30, 255]);
  });

  it("measure squared error", () => {
    const [left, right] = [picture(32, 32), { ...picture(32, 32), data: picture(32, 32).data.map((v) => 255 - v) }].map(
      (image) => thumbOf(image),
    );
    const [a, b] = [left, right].map((thumb) => analyse(thumb));
    const inSpectrum = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
    let inPixels = 0;
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < 1024; i++) inPixels += (left.planes[c][i] - right.planes[c][i]) ** 2 / 1024;
    }
    expect(inSpectrum).toBeLessThanOrEqual(inPixels + 1e-9);
    expect(inSpectrum).toBeGreaterThan(0.9 * inPixels);
  });
});
