import type { Kernels, Pointer } from "../kernels/kernels.js";

/** Where in memory values and the densities that they have lie, floats. */
interface Latents {
  readonly count: number;
  readonly unrounded: Pointer;
  readonly mean: Pointer;
  readonly logScale: Pointer;
}

/**
 * output = weight times the derivative, by latents, of the bits that they take on average when they are rounded after noise uniform in -1/2 .. 1/2 (Balle et al. 2017,
 * section 3): what the bits half a step above are more than those half a step below.
 */
export function roundingSlopes(
  { call, memory }: Kernels,
  kernel: "gaussianSteps" | "logisticSteps",
  { count, unrounded, mean, logScale }: Latents,
  weight: number,
  output: Pointer,
): void {
  memory.scope(() => {
    const [below, down] = [memory.allocateFloats(count), memory.allocateFloats(count)];
    call.fill(count, -0.5, below);
    call.add(count, below, unrounded, below);
    call[kernel](count, below, mean, logScale, output, down);
    call.addScaled(count, weight - 1, output, output);
  });
}
