import type { KernelExports, Pointer } from "./interface.js";
import { Memory } from "./memory.js";

/** One instance of the kernel module: its calls and the arena over its memory. Not shared between threads. */
export interface Kernels {
  readonly call: KernelExports;
  readonly memory: Memory;
  /** True for the build with relaxed SIMD (fused multiply-add): faster, for training only, its last bits differ between machines. */
  readonly relaxed: boolean;
}

export type { KernelExports, Pointer };
export { Memory };
