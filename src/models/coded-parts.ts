import type { Pointer } from "../kernels/kernels.js";
import type { Memory } from "../kernels/memory.js";
import type { SymbolGrid } from "./prior.js";

/** True where a range of channels holds one that is coded; all are without a mask. */
export const holdsCoded = (mask: Uint8Array | undefined, first: number, channels: number): boolean =>
  mask === undefined || mask.subarray(first, first + channels).includes(1);

/** Places for each channel what `completeSymbols` asks of it: all bits where it is coded, none where its symbols stay 0. */
export const placeCoded = (memory: Memory, { channels }: Pick<SymbolGrid, "channels">, latents: number): Pointer =>
  memory.place(Int32Array.from({ length: latents }, (_, c) => (channels?.[c] === 0 ? 0 : -1)));

/** Raster indices of the cells that are coded, of `cells` in all, from `first` on. */
export function codedCells(covered: Uint8Array | undefined, cells: number, first = 0): Int32Array {
  const all = Int32Array.from({ length: cells - first }, (_, i) => first + i);
  return covered ? all.filter((cell) => covered[cell] !== 0) : all;
}
