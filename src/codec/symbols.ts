import { IsthmusError } from "../errors.js";
import type { Pointer } from "../kernels/kernels.js";
import { codedCells } from "../models/coded-cells.js";
import type { Network } from "../models/network.js";
import type { SymbolGrid } from "../models/prior.js";
import type { Pacer } from "../pacer.js";
import { sealOf } from "./seal.js";

/**
 * Grids of symbols <-> bytes. What these functions allocate belongs to the caller's part of the arena.
 */

/** Both ends of the entropy coder: a model's network and its table bank in kernel memory. */
export interface EntropyModel {
  readonly network: Network;
  readonly tables: Pointer;
  /** A seal detects symbols that were decoded wrongly; bare frames do without. */
  readonly sealed: boolean;
}

const noSeal = -1;
/** Rarely is more than a byte a symbol needed; room for the worst case is only taken when it is. */
const bytesPerSymbol = [1, 8];
const spareBytes = 16;

const countOf = ({ symbols, covered }: SymbolGrid): number =>
  codedCells(covered, symbols.width * symbols.height).length * symbols.channels;

/** The stream of a grid whose symbols and dequantized symbols are complete. Throws `invalid-model` for symbols too far from their means. */
export async function encodeSymbols(entropy: EntropyModel, grid: SymbolGrid, pacer: Pacer): Promise<Uint8Array> {
  const { network, tables, sealed } = entropy;
  const { call, memory } = network.kernels;
  const count = countOf(grid);
  const coded = memory.allocate(count * 4);
  const tableIndex = memory.allocate(count);
  let done = 0;
  for (const stretch of network.prior.walk(grid, "send")) {
    memory.copy(stretch.coded, coded + done * 4, stretch.count * 4);
    memory.copy(stretch.tables, tableIndex + done, stretch.count);
    done += stretch.count;
    await pacer.breathe(done / count);
  }
  const seal = sealed ? sealOf(memory.i32(coded, count)) : noSeal;
  const result = memory.allocate(4);
  for (const most of bytesPerSymbol) {
    const begin = memory.allocate(count * most + spareBytes);
    const end = begin + count * most + spareBytes;
    call.ransEncode(count, coded, tableIndex, tables, seal, begin, end, result);
    const start = memory.i32(result, 1)[0] >>> 0;
    if (start !== 0) return memory.u8(start, end - start).slice();
  }
  throw new IsthmusError("invalid-model", "The model's latents of this image lie beyond what can be coded");
}

/** Completes a grid of zeros from a stream. Throws `corrupt` unless the bytes are exactly one stream of that many symbols. */
export async function decodeSymbols(
  entropy: EntropyModel,
  grid: SymbolGrid,
  bytes: Uint8Array,
  pacer: Pacer,
): Promise<void> {
  const { network, tables, sealed } = entropy;
  const { call, memory } = network.kernels;
  const count = countOf(grid);
  const coded = memory.allocate(count * 4);
  const begin = memory.place(bytes);
  const decoder = memory.allocate(16);
  const result = memory.allocate(4);
  let done = 0;
  call.ransOpen(decoder, begin, begin + bytes.length);
  for (const stretch of network.prior.walk(grid, "receive")) {
    call.ransDecode(decoder, stretch.count, stretch.tables, tables, stretch.coded);
    memory.copy(stretch.coded, coded + done * 4, stretch.count * 4);
    done += stretch.count;
    await pacer.breathe(done / count);
  }
  call.ransClose(decoder, result);
  const seal = sealed ? sealOf(memory.i32(coded, count)) : noSeal;
  if (memory.i32(result, 1)[0] !== seal) {
    throw new IsthmusError("corrupt", "The stream is damaged: its symbols do not match their checksum");
  }
}
