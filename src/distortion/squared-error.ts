import type { Kernels } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";
import { lineOf, type Region, startOf, sumOf } from "./region.js";

/**
 * The sums of the squared differences between canvases and the pixels of a region, one an image. Writes the gradient of `factors[image]` times these
 * sums over the region.
 */
export function squaredErrors(
  kernels: Kernels,
  canvas: Grid,
  region: Region,
  factors: readonly number[],
  gradient: Grid,
): number[] {
  const { pixels } = region;
  const samples = lineOf(pixels);
  return factors.map((factor, image) => {
    const start = startOf(region, canvas, image);
    const sum = sumOf(kernels, (total) => {
      for (let y = 0; y < pixels.height; y++) {
        const at = (start + y * lineOf(canvas)) * 4;
        const wanted = pixels.pointer + (image * pixels.height + y) * samples * 4;
        kernels.call.squaredError(samples, canvas.pointer + at, wanted, factor, gradient.pointer + at, total);
      }
    });
    return sum / factor;
  });
}
