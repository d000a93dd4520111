import type { Kernels, Pointer } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import { type ErrorWeights, errorMaps } from "./error-weights.js";

/** Sums of the three error maps of a plane over its pixels, then of their fourth powers, from kernel memory. */
export const readSums = ({ memory }: Kernels, sums: Pointer): Float64Array =>
  doublesAt(memory, sums, 2 * errorMaps).slice();

/** Room for such sums, which start at 0. */
export function allocateSums({ memory }: Kernels): Pointer {
  const sums = memory.allocate(2 * errorMaps * 8);
  doublesAt(memory, sums, 2 * errorMaps).fill(0);
  return sums;
}

/** The weighted means and 4-norms of error maps of `pixels` pixels. */
export function weighErrors(sums: Float64Array, pixels: number, weights: ErrorWeights): number {
  let total = 0;
  for (let m = 0; m < errorMaps; m++) {
    total += (weights[m] * sums[m]) / pixels + weights[errorMaps + m] * fourthRoot(sums[errorMaps + m] / pixels);
  }
  return total;
}

/** What the kernel `errorSlopes` multiplies the maps and their cubes by, to give the slopes of `weighErrors` by the maps. */
export function slopeFactors(sums: Float64Array, pixels: number, weights: ErrorWeights): Float32Array {
  const factors = new Float32Array(2 * errorMaps);
  for (let m = 0; m < errorMaps; m++) {
    const norm = fourthRoot(sums[errorMaps + m] / pixels);
    factors[m] = weights[m] / pixels;
    factors[errorMaps + m] = norm > 0 ? weights[errorMaps + m] / (pixels * norm * norm * norm) : 0;
  }
  return factors;
}

/** Square roots are the same on every engine; powers of the host are not. */
const fourthRoot = (value: number): number => Math.sqrt(Math.sqrt(value));

/** A score, and its slope by the weighted errors. */
export function scoreOf({ call, memory }: Kernels, errors: number): { score: number; slope: number } {
  return memory.scope(() => {
    const output = memory.allocate(16);
    call.scoreOfErrors(errors, output);
    const [score, slope] = doublesAt(memory, output, 2);
    return { score, slope };
  });
}
