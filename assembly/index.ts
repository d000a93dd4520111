/** First byte after the static data of all kernels: the arena of src/kernels/memory.ts starts here. */
export const heapBase: usize = __heap_base;

export { multiplyPacked, multiplyTransposed, packedLength, packMatrix } from "./gemm";
export { ransClose, ransDecode, ransEncode, ransOpen } from "./rans";
