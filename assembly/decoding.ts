/**
 * The kernels of whoever only decodes: what lies between symbols and pixels. The same code as in index.ts, so the same bits.
 */

/** As in index.ts. */
export const heapBase: usize = __heap_base;

export { multiplyPacked, packedLength, packMatrix } from "./gemm";
export { packedIntegerBytes, packIntegers } from "./integer-gemm";
export { multiplyProduct, productWorkBytes } from "./integer-product";
export { groupWorkBytes, predictGroup } from "./context-group";
export { ransClose, ransDecode, ransOpen } from "./rans";
export { symbolChecksum } from "./crc32";
export { activate } from "./activation";
export { depthwise } from "./depthwise";
export { add, fill } from "./elementwise";
export { addWindows, writePixels } from "./patches";
export { enlargeChroma } from "./chroma";
export { exponential } from "./vectormath";
export { planeDecode } from "./plane";
export { centroids } from "./likelihood";
export { completeSymbols, gatherNeighbours } from "./context";
