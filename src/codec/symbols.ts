import { IsthmusError } from "../errors.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Network } from "../models/network.js";
import { crc32 } from "./crc32.js";
import { tableLimits } from "./tables.js";

/** Integer symbols of a latent grid in kernel memory, the covered cells only, in raster order, channel by channel within a cell. */
export interface Symbols {
  readonly pointer: Pointer;
  /** Cells times latents. */
  readonly count: number;
}

/** What both ends of the entropy coder need beside the symbols. */
export interface SymbolContext {
  readonly network: Network;
  /** The table bank in kernel memory, and how many tables it holds. */
  readonly tables: Pointer;
  readonly tableCount: number;
  /** Quality, -1 .. 1. */
  readonly q: number;
  /** A seal detects symbols that were decoded wrongly; bare frames do without. */
  readonly sealed: boolean;
}

/** Longest code of a symbol in bytes: an escape of 16 bits probability and an Elias-gamma code of at most 33 bits. */
const mostBytesPerSymbol = 7;
const spareBytes = 16;
const noSeal = -1;

export function encodeSymbols(context: SymbolContext, symbols: Symbols): Uint8Array {
  const { kernels } = context.network;
  const { call, memory } = kernels;
  return memory.scope(() => {
    const tableIndex = placeTableIndex(context, symbols.count);
    const seal = context.sealed ? sealOf(kernels, symbols) : noSeal;
    const result = memory.allocate(4);
    // Rarely is more than a byte a symbol needed; room for the worst case is only taken when it is.
    for (const bytesPerSymbol of [1, mostBytesPerSymbol]) {
      const room = symbols.count * bytesPerSymbol + spareBytes;
      const begin = memory.allocate(room);
      const end = begin + room;
      call.ransEncode(symbols.count, symbols.pointer, tableIndex, context.tables, seal, begin, end, result);
      const start = memory.i32(result, 1)[0] >>> 0;
      if (start !== 0) return memory.u8(start, end - start).slice();
    }
    throw new Error("The entropy coder ran out of room");
  });
}

/** Decodes into fresh kernel memory. Throws `corrupt` unless the bytes are exactly one stream of that many symbols. */
export function decodeSymbols(context: SymbolContext, bytes: Uint8Array, count: number): Symbols {
  const { kernels } = context.network;
  const { call, memory } = kernels;
  const pointer = memory.allocate(count * 4);
  memory.scope(() => {
    const tableIndex = placeTableIndex(context, count);
    const begin = memory.place(bytes);
    const decoder = memory.allocate(16);
    const result = memory.allocate(4);
    call.ransOpen(decoder, begin, begin + bytes.length);
    call.ransDecode(decoder, count, tableIndex, context.tables, pointer);
    call.ransClose(decoder, result);
    const seal = memory.i32(result, 1)[0];
    const wanted = context.sealed ? sealOf(kernels, { pointer, count }) : noSeal;
    if (seal !== wanted) {
      throw new IsthmusError("corrupt", "The stream is damaged: its symbols do not match their checksum");
    }
  });
  return { pointer, count };
}

function placeTableIndex({ network, q, tableCount }: SymbolContext, count: number): Pointer {
  const index = network.prior.tableIndex(q, count / network.configuration.latents, tableCount);
  return network.kernels.memory.place(index);
}

/** The low 16 bits of the CRC-32 of the symbols as 16-bit little-endian integers. */
function sealOf({ memory }: Kernels, symbols: Symbols): number {
  const words = Int16Array.from(memory.i32(symbols.pointer, symbols.count));
  return crc32(new Uint8Array(words.buffer)) & 0xffff;
}

/** Largest magnitude a symbol may have. */
export const maxSymbol = tableLimits.maxSymbol;
