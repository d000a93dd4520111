import { IsthmusError } from "../ground/errors.js";
import type { Pointer } from "../kernels/interface.js";
import type { Memory } from "../kernels/memory.js";

/**
 * The integer distributions of a model, all the entropy coder ever sees of it. Table t covers the symbols
 * `minimum[t]` .. `minimum[t] + size[t] - 1`; `frequencies` holds, table after table, `size[t]` regular frequencies and
 * then that of the escape, each at least 1, with the sum 65536.
 */
export interface TableBank {
  readonly minimum: Int32Array;
  readonly size: Int32Array;
  readonly frequencies: Uint16Array;
}

/** Sum of the frequencies of a table: probabilities have 16 bits. */
export const frequencyTotal = 65536;
const maxTables = 256;
/** Largest number of regular symbols of a table. */
export const maxSize = 4096;
/** Largest magnitude of a symbol, inside a table or escaped. */
export const maxSymbol = 32767;

/** Where each table's frequencies start in `bank.frequencies`; one entry more than there are tables. */
export function tableStarts(bank: TableBank): Int32Array {
  const starts = new Int32Array(bank.size.length + 1);
  for (let t = 0; t < bank.size.length; t++) starts[t + 1] = starts[t] + bank.size[t] + 1;
  return starts;
}

/** Throws `invalid-model` unless the bank is what `TableBank` promises. */
export function checkTables(bank: TableBank): void {
  const { minimum, size, frequencies } = bank;
  const count = minimum.length;
  const starts = tableStarts(bank);
  const isTable = (length: number, t: number): boolean =>
    length >= 1 &&
    length <= maxSize &&
    minimum[t] >= -maxSymbol &&
    minimum[t] + length - 1 <= maxSymbol &&
    frequencies.subarray(starts[t], starts[t + 1]).reduce((sum, frequency) => sum + frequency, 0) === frequencyTotal;
  const fits = count >= 1 && count <= maxTables && size.length === count && frequencies.length === starts[count];
  if (fits && size.every(isTable) && !frequencies.includes(0)) return;
  throw new IsthmusError("invalid-model", "The model's entropy tables contradict themselves");
}

function invalid(what: string, received: unknown): IsthmusError {
  return new IsthmusError("invalid-model", `Expected ${what} for the entropy tables but received ${received}`);
}

/**
 * The bank in memory, as assembly/rans.ts reads it. First four 32-bit words for each table: the byte offset of its record,
 * counted from the bank, then start, frequency and value of its most probable symbol (but for the escape). Then the records, each of
 * 32-bit words but for the coarse index:
 *
 *     +0    minimum
 *     +4    size
 *     +8    coarse: 256 x 16 bits, the slot that owns position h * 256, for each high byte h
 *     +520  cumulative: size + 2 words, from 0 to 65536
 *
 * Decoding tries the most probable symbol, then starts at the coarse slot of the state's position and steps on.
 */
const entryBytes = 16;
const coarseAt = 8;
const cumulativeAt = 520;

/** Lays a checked bank out in the arena and returns where it is. */
export function placeTables(memory: Memory, bank: TableBank): Pointer {
  const starts = tableStarts(bank);
  const count = bank.size.length;
  const offsets = new Uint32Array(count);
  let bytes = count * entryBytes;
  for (let t = 0; t < count; t++) {
    offsets[t] = bytes;
    bytes += cumulativeAt + (bank.size[t] + 2) * 4;
  }
  const image = new ArrayBuffer(bytes);
  const entries = new Int32Array(image, 0, (count * entryBytes) / 4);
  for (let t = 0; t < count; t++) {
    const frequencies = bank.frequencies.subarray(starts[t], starts[t + 1]);
    new Int32Array(image, offsets[t], 2).set([bank.minimum[t], bank.size[t]]);
    const cumulative = new Uint32Array(image, offsets[t] + cumulativeAt, bank.size[t] + 2);
    for (let slot = 0; slot < frequencies.length; slot++) cumulative[slot + 1] = cumulative[slot] + frequencies[slot];
    const regular = frequencies.subarray(0, -1);
    const likely = regular.indexOf(regular.reduce((most, frequency) => Math.max(most, frequency)));
    entries.set([offsets[t], cumulative[likely], frequencies[likely], bank.minimum[t] + likely], (t * entryBytes) / 4);
    const coarse = new Uint16Array(image, offsets[t] + coarseAt, 256);
    let slot = 0;
    for (let high = 0; high < 256; high++) {
      while (cumulative[slot + 1] <= high << 8) slot++;
      coarse[high] = slot;
    }
  }
  return memory.place(new Uint8Array(image));
}

/**
 * Integer frequencies, each at least 1 and together 65536, for weights that need not be normalised (the escape last).
 * Starting from the rounded shares, units are taken or given one by one where the expected code length suffers least
 * or gains most. Throws `invalid-model` for weights that are negative, not finite, or all zero.
 */
export function frequenciesFrom(weights: Float64Array): Uint16Array {
  if (weights.length < 2 || weights.length > maxSize + 1) throw invalid(`2 to ${maxSize + 1} weights`, weights.length);
  let sum = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) throw invalid("finite weights of at least 0", weight);
    sum += weight;
  }
  if (!(sum > 0 && sum < Infinity)) throw invalid("weights with a positive sum", sum);

  const frequencies = new Uint16Array(weights.length);
  let missing: number = frequencyTotal;
  for (let i = 0; i < weights.length; i++) {
    // One symbol can own all but what the others need at least.
    frequencies[i] = Math.min(
      Math.max(Math.round((weights[i] / sum) * frequencyTotal), 1),
      frequencyTotal - weights.length + 1,
    );
    missing -= frequencies[i];
  }
  for (; missing > 0; missing--) frequencies[bestToRaise(weights, frequencies)]++;
  for (; missing < 0; missing++) frequencies[bestToLower(weights, frequencies)]--;
  return frequencies;
}

function bestToRaise(weights: Float64Array, frequencies: Uint16Array): number {
  let best = 0;
  let bestGain = -1;
  for (let i = 0; i < weights.length; i++) {
    const gain = weights[i] * Math.log1p(1 / frequencies[i]);
    if (gain > bestGain) {
      bestGain = gain;
      best = i;
    }
  }
  return best;
}

function bestToLower(weights: Float64Array, frequencies: Uint16Array): number {
  let best = 0;
  let bestLoss = Infinity;
  for (let i = 0; i < weights.length; i++) {
    if (frequencies[i] === 1) continue;
    const loss = weights[i] * Math.log1p(1 / (frequencies[i] - 1));
    if (loss < bestLoss) {
      bestLoss = loss;
      best = i;
    }
  }
  return best;
}

/** Bits that a symbol costs under a table, escape included: the ideal length, which the coder meets on average. */
export function codeLengthBits(
  bank: TableBank,
  tableIndex: number,
  symbol: number,
  starts = tableStarts(bank),
): number {
  const size = bank.size[tableIndex];
  const slot = symbol - bank.minimum[tableIndex];
  const inside = slot >= 0 && slot < size;
  const frequency = bank.frequencies[starts[tableIndex] + (inside ? slot : size)];
  const bits = Math.log2(frequencyTotal / frequency);
  return inside ? bits : bits + gammaBits(escapeCode(slot, size));
}

/** The number that an escape carries: odd above the table, even below, growing with the distance; at least 1. */
function escapeCode(slot: number, size: number): number {
  return slot < 0 ? -slot * 2 : (slot - size) * 2 + 1;
}

/** Length of the Elias gamma code of a positive integer. */
function gammaBits(code: number): number {
  return 2 * (31 - Math.clz32(code)) + 1;
}
