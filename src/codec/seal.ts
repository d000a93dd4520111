import type { Kernels, Pointer } from "../kernels/kernels.js";

/**
 * The checksum that the entropy coder hides in its first state: the low 16 bits of the CRC-32 of the symbols, each as a
 * 16-bit two's complement number, lowest byte first, in the order of coding.
 */
export const sealOf = ({ call }: Kernels, count: number, symbols: Pointer): number =>
  call.symbolChecksum(count, symbols) & 0xffff;
