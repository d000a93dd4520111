import type { Kernels } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";
import { lineOf, type Region, startOf } from "./region.js";

/** Sides of the blocks whose means count, in pixels, from the first pixel of a region on: that of a patch, and of an area that shows a drift of colour. */
const sides = [8, 32] as const;

/**
 * Errors that change slowly over a picture, which SSIMULACRA 2 hardly sees and people do: the sum over blocks of their pixels times the square of their mean
 * difference, over all sides of blocks. `gradient` holds that of `factor` times the squared errors of an image over the region, and gets that of `weight` times
 * what is returned besides.
 */
export function slowErrors(
  { call, memory }: Kernels,
  canvas: Grid,
  region: Region,
  image: number,
  { factor, weight }: { factor: number; weight: number },
  gradient: Grid,
): number {
  const { width, height, channels } = region.pixels;
  const start = gradient.pointer + startOf(region, canvas, image) * 4;
  return memory.scope(() => {
    const [side, wide] = sides;
    const fine = blocksOf(width, height, side);
    const coarse = blocksOf(fine.width, fine.height, wide / side);
    const sums = memory.allocateFloats(fine.width * fine.height * channels);
    const wideSums = memory.allocateFloats(coarse.width * coarse.height * channels);
    call.sumBlocks(width, height, channels, lineOf(canvas), side, start, sums);
    call.sumBlocks(fine.width, fine.height, channels, fine.width * channels, wide / side, sums, wideSums);
    // The gradient of squared errors is their difference, times this.
    const slope = 2 * factor;
    let total = 0;
    const toMeans = (pointer: number, blocks: { width: number; height: number }, of: number): void => {
      const values = memory.f32(pointer, blocks.width * blocks.height * channels);
      for (let y = 0, i = 0; y < blocks.height; y++) {
        const rows = Math.min(of, height - y * of);
        for (let x = 0; x < blocks.width; x++) {
          const pixels = rows * Math.min(of, width - x * of);
          for (let channel = 0; channel < channels; channel++, i++) {
            const mean = values[i] / (slope * pixels);
            total += pixels * mean * mean;
            values[i] = 2 * weight * mean;
          }
        }
      }
    };
    toMeans(sums, fine, side);
    toMeans(wideSums, coarse, wide);
    call.addBlocks(fine.width, fine.height, channels, fine.width * channels, wide / side, wideSums, sums);
    call.addBlocks(width, height, channels, lineOf(canvas), side, sums, start);
    return total;
  });
}

const blocksOf = (width: number, height: number, side: number): { width: number; height: number } => ({
  width: Math.ceil(width / side),
  height: Math.ceil(height / side),
});
