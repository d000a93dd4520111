import { describe, expect, test } from "vitest";
import { psnr } from "../../src/image/psnr.js";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { Random } from "../../src/nn/random.js";
import { jpeg } from "../../src/node/jpeg-corruption.js";
import type { Corruption } from "../../src/training/corruptions/corruption.js";
import { mask } from "../../src/training/corruptions/mask.js";
import { noise } from "../../src/training/corruptions/noise.js";
import { corruptions, parseCorruption } from "../../src/training/corruptions/parse.js";
import { drawPicture } from "../reference/pictures.js";

const kernels = await loadKernels();
const known = { ...corruptions, jpeg };
const names = ["noise:25", "noise:5,50", "blur:1.6", "mask:8", "mask:4,0.3", "downscale:2", "jpeg:10", "jpeg:10,40"];

const applied = (corruption: Corruption, seed = 1, channels: 1 | 3 = 3) =>
  corruption.apply(drawPicture(33, 26, channels), new Random(kernels, seed));

describe.each(names)("%s", (name) => {
  const corruption = parseCorruption(name, known);

  test("has that name, and damages a picture without changing its shape or the original", async () => {
    expect(corruption.name).toBe(name);
    for (const channels of [1, 3] as const) {
      const picture = drawPicture(33, 26, channels);
      const damaged = await corruption.apply(picture, new Random(kernels, 1));
      expect(damaged).toMatchObject({ width: 33, height: 26, channels });
      expect(damaged.data.length).toBe(picture.data.length);
      expect(picture).toEqual(drawPicture(33, 26, channels));
      expect(psnr(picture, damaged)).toBeLessThan(40);
      expect(psnr(picture, damaged)).toBeGreaterThan(5);
    }
  });

  test("gives the same picture for the same random numbers, and where it draws any, another one for others", async () => {
    const first = await applied(corruption);
    expect(await applied(corruption)).toEqual(first);
    if (corruption.drawn === "always") expect(await applied(corruption, 2)).not.toEqual(first);
  });
});

test("noise has the deviation that was asked for", () => {
  const grey = { data: new Uint8Array(40_000).fill(128), width: 200, height: 200, channels: 1 as const };
  const { data } = noise(25).apply(grey, new Random(kernels, 5)) as typeof grey;
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  expect(mean).toBeCloseTo(128, 0);
  expect(Math.sqrt(variance)).toBeGreaterThan(24.5);
  expect(Math.sqrt(variance)).toBeLessThan(25.5);
});

test("masks cover the share that was asked for, of pictures smaller than a block, too", () => {
  const black = { data: new Uint8Array(10_000), width: 100, height: 100, channels: 1 as const };
  const share = ({ data }: { data: Uint8Array }): number => data.filter((value) => value === 128).length / data.length;
  const masked = mask(5, 0.2).apply(black, new Random(kernels, 1)) as typeof black;
  expect(share(masked)).toBeGreaterThan(0.14);
  expect(share(masked)).toBeLessThanOrEqual(0.2);
  const tiny = { data: new Uint8Array(6), width: 3, height: 2, channels: 1 as const };
  expect(share(mask(9).apply(tiny, new Random(kernels, 1)) as typeof tiny)).toBeCloseTo(2 / 6);
});

test.each([
  ["grain:3"],
  ["noise"],
  ["noise:"],
  ["noise:x"],
  ["noise:0"],
  ["noise:300"],
  ["noise:20,10"],
  ["noise:1,2,3"],
  ["blur:0"],
  ["blur:30"],
  ["mask:0"],
  ["mask:2.5"],
  ["mask:8,1"],
  ["downscale:1"],
  ["downscale:2.5"],
  ["jpeg:0"],
  ["jpeg:50,20"],
  ["toString:1"],
])("%s is refused", (name) => {
  expect(() => parseCorruption(name, known)).toThrow(
    expect.objectContaining({ code: "invalid-parameter", message: expect.stringContaining("but received") }),
  );
});
