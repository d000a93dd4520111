import { IsthmusError } from "../../ground/errors.js";
import type { Pacer } from "../../ground/pacer.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { Stretch, SymbolGrid } from "../../models/prior.js";
import { sendStretches } from "../../models/rate.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { sizeOf } from "../../nn/grid.js";
import { bitmapBytes, type CodedStrip } from "./strip-section.js";

/**
 * Grids of symbols <-> bytes. What these functions allocate belongs to the caller's part of the arena.
 */

/** Both ends of the entropy coder: a level of a model's network and its table bank in kernel memory. */
export interface EntropyModel {
  readonly latentLevel: ReceiverLevel;
  readonly tables: Pointer;
  /** A seal detects symbols that were decoded wrongly; bare frames do without. */
  readonly sealed: boolean;
}

const noSeal = -1;
/**
 * The checksum that the entropy coder hides in its first state is the low 16 bits of the CRC-32 of the symbols, each as a
 * 16-bit two's complement number, lowest byte first, in the order of coding.
 */
const sealMask = 0xffff;
/** Rarely is more than a byte a symbol needed; room for the worst case is only taken when it is. */
const bytesPerSymbol = [1, 8];
const spareBytes = 16;

function countOf({ symbols, covered, firstRow = 0 }: SymbolGrid): number {
  const { width, height, channels } = symbols;
  const cells = covered
    ? covered.subarray(firstRow * width, height * width).reduce((sum, bit) => sum + bit, 0)
    : (height - firstRow) * width;
  return cells * channels;
}

/** The bytes of a grid whose symbols and dequantized symbols are complete. Throws `invalid-model` for symbols too far from their means. */
export async function encodeSymbols(entropy: EntropyModel, grid: SymbolGrid, pacer: Pacer): Promise<CodedStrip> {
  const { latentLevel } = entropy;
  const { memory } = latentLevel.kernels;
  const count = countOf(grid);
  const coded = memory.allocate(count * 4);
  const tableIndex = memory.allocate(count);
  const layout: Walked["layout"][number][] = [];
  let done = 0;
  for (const stretch of sendStretches(latentLevel.prior, grid)) {
    memory.copy(stretch.coded, coded + done * 4, stretch.count * 4);
    memory.copy(stretch.tables, tableIndex + done, stretch.count);
    layout.push({ count: stretch.count, first: stretch.first, channels: stretch.channels });
    done += stretch.count;
    if (pacer.isDue) await pacer.breathe(done / count);
  }
  const walked: Walked = { layout, coded, tableIndex };
  const bytes = writeSymbols(entropy, coded, tableIndex, done);
  const used = usedChannels(latentLevel, grid);
  const unused = used.map((bit) => 1 - bit);
  const saved = unused.includes(1) ? pickChannels({ ...entropy, sealed: false }, walked, unused).length : 0;
  if (saved <= bitmapBytes(used.length)) return { bytes, masked: { channels: used.fill(1), bytes } };
  return { bytes, masked: { channels: used, bytes: pickChannels(entropy, walked, used) } };
}

/** What a walk has passed, stretch after stretch. */
interface Walked {
  readonly layout: readonly Pick<Stretch, "count" | "first" | "channels">[];
  readonly coded: Pointer;
  readonly tableIndex: Pointer;
}

/**
 * The bytes of some channels alone. Their symbols keep their tables as long as the other channels are 0, which their context shows as
 * zeros whether they are coded or not.
 */
function pickChannels(entropy: EntropyModel, { layout, coded, tableIndex }: Walked, channels: Uint8Array): Uint8Array {
  const { memory } = entropy.latentLevel.kernels;
  return memory.scope(() => {
    const all = layout.reduce((sum, { count }) => sum + count, 0);
    const [symbols, tables] = [memory.i32(coded, all), memory.u8(tableIndex, all)];
    const [keptSymbols, keptTables] = [new Int32Array(all), new Uint8Array(all)];
    const keptOf = keptChannels(channels);
    let from = 0;
    let count = 0;
    for (const stretch of layout) {
      const kept = keptOf(stretch);
      const end = from + stretch.count;
      narrow(symbols.subarray(from, end), stretch.channels, kept, keptSymbols.subarray(count));
      count += narrow(tables.subarray(from, end), stretch.channels, kept, keptTables.subarray(count));
      from = end;
    }
    const placed = [keptSymbols, keptTables].map((values) => memory.place(values.subarray(0, count)));
    return writeSymbols(entropy, placed[0], placed[1], count);
  });
}

/** Finds which of the channels of a stretch are coded, counted from its first one. Groups of channels come again and again. */
function keptChannels(mask: Uint8Array): (stretch: Pick<Stretch, "first" | "channels">) => Uint16Array {
  const known = new Map<number, Uint16Array>();
  return ({ first, channels }) => {
    const kept = known.get(first) ?? Uint16Array.from({ length: channels }, (_, c) => c).filter((c) => mask[first + c]);
    known.set(first, kept);
    return kept;
  };
}

/** Takes some of the values of each cell; returns how many those are. */
function narrow<Values extends Int32Array | Uint8Array>(
  values: Values,
  channels: number,
  kept: Uint16Array,
  output: Values,
): number {
  let count = 0;
  for (let cell = 0; cell < values.length; cell += channels) {
    for (let k = 0; k < kept.length; k++) output[count++] = values[cell + kept[k]];
  }
  return count;
}

/** The reverse of `narrow`, with 0 for what was not taken. */
function widen(values: Int32Array, channels: number, kept: Uint16Array, output: Int32Array): void {
  output.fill(0);
  let count = 0;
  for (let cell = 0; cell < output.length; cell += channels) {
    for (let k = 0; k < kept.length; k++) output[cell + kept[k]] = values[count++];
  }
}

/** Completes a grid of zeros from the bytes of a strip. Throws `corrupt` unless they are exactly one stream of that many symbols. */
export async function decodeSymbols(
  entropy: EntropyModel,
  grid: SymbolGrid,
  bytes: Uint8Array,
  pacer: Pacer,
): Promise<void> {
  const { latentLevel, tables, sealed } = entropy;
  const { call, memory } = latentLevel.kernels;
  const most = sizeOf(grid.symbols);
  const begin = memory.place(bytes);
  const decoder = memory.allocate(16);
  const result = memory.allocate(4);
  let done = 0;
  let checksum = 0;
  const keptOf = grid.channels && keptChannels(grid.channels);
  call.ransOpen(decoder, begin, begin + bytes.length);
  for (const stretch of latentLevel.prior.receive(grid)) {
    const mark = memory.mark();
    const { coded, channels } = stretch;
    let { count, tables: index } = stretch;
    const kept = keptOf?.(stretch);
    const isNarrowed = kept && kept.length < channels;
    if (isNarrowed) {
      index = memory.allocate(count);
      count = narrow(memory.u8(stretch.tables, count), channels, kept, memory.u8(index, count));
    }
    call.ransDecode(decoder, count, index, tables, coded);
    checksum = call.symbolChecksum(checksum, count, coded);
    if (isNarrowed) {
      widen(memory.i32(coded, count).slice(), channels, kept, memory.i32(coded, stretch.count));
    }
    memory.release(mark);
    done += count;
    if (pacer.isDue) await pacer.breathe(done / most);
  }
  call.ransClose(decoder, result);
  if (memory.i32(result, 1)[0] !== (sealed ? checksum & sealMask : noSeal)) {
    throw new IsthmusError("corrupt", "The stream is damaged: its symbols do not match their checksum");
  }
}

function writeSymbols(entropy: EntropyModel, coded: Pointer, tableIndex: Pointer, count: number): Uint8Array {
  const { latentLevel, tables, sealed } = entropy;
  const { call, memory } = latentLevel.kernels;
  const seal = sealed ? call.symbolChecksum(0, count, coded) & sealMask : noSeal;
  for (const most of bytesPerSymbol) {
    const mark = memory.mark();
    const result = memory.allocate(4);
    const begin = memory.allocate(count * most + spareBytes);
    const end = begin + count * most + spareBytes;
    call.ransEncode(count, coded, tableIndex, tables, seal, begin, end, result);
    const start = memory.i32(result, 1)[0] >>> 0;
    const bytes = start === 0 ? undefined : memory.u8(start, end - start).slice();
    memory.release(mark);
    if (bytes) return bytes;
  }
  throw new IsthmusError("invalid-model", "The model's latents of this image lie beyond what can be coded");
}

/** 1 for each channel that has a symbol other than 0. */
function usedChannels({ kernels: { memory } }: ReceiverLevel, { symbols, firstRow = 0 }: SymbolGrid): Uint8Array {
  const { width, height, channels } = symbols;
  const values = memory.i32(symbols.pointer + firstRow * width * channels * 4, (height - firstRow) * width * channels);
  const used = new Uint8Array(channels);
  for (let c = 0; c < channels; c++) {
    for (let at = c; at < values.length && !used[c]; at += channels) if (values[at] !== 0) used[c] = 1;
  }
  return used;
}
