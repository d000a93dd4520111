import type { CodingKernels } from "./interface/coding.js";
import type { DenseKernels } from "./interface/dense.js";
import type { DensityKernels } from "./interface/densities.js";
import type { ElementKernels } from "./interface/elements.js";
import type { LearningKernels } from "./interface/learning.js";
import type { MetricKernels } from "./interface/metrics.js";
import type { PictureKernels } from "./interface/pictures.js";

/**
 * The calls into WebAssembly. Every argument is a byte offset into the module's memory (`Pointer`), a size, or a
 * plain number; every result is written to memory. Matrices are row-major 32-bit floats unless a name says otherwise;
 * a `stride` counts elements, not bytes. Pointers need no alignment beyond that of their element, but 16 is fastest.
 * Sizes of zero are allowed everywhere and do nothing. What lies behind an array may be loaded and stored again as it was: memory must go on for 128 bytes.
 *
 * Shape letters: N rows (positions of a latent grid, over all images of a batch), K inputs, M outputs;
 * B images, H x W grid or picture, C channels.
 */
export type Pointer = number;

/** Activation numbers shared with assembly/activation.ts. */
export const activationNumber = {
  identity: 0,
  relu: 1,
  leakyRelu: 2,
  hardSwish: 3,
  gelu: 4,
  tanh: 5,
  sigmoid: 6,
} as const;
export type Activation = keyof typeof activationNumber;

export interface KernelExports
  extends DenseKernels,
    ElementKernels,
    PictureKernels,
    DensityKernels,
    CodingKernels,
    LearningKernels,
    MetricKernels {
  readonly memory: WebAssembly.Memory;
  /** First free byte: everything from here on belongs to the arena of src/kernels/memory.ts. */
  readonly heapBase: WebAssembly.Global;
}
