import type { TableBank } from "../../src/models/tables.js";

/** The plain twin of assembly/rans.ts, written from docs/FORMAT.md for clarity alone. */

const lower = 2 ** 23;
const total = 65536;
const maxSymbol = 32767;

interface Interval {
  readonly start: number;
  readonly frequency: number;
}

const bitInterval = (bit: number): Interval => ({ start: bit * 32768, frequency: 32768 });

function frequenciesOf(bank: TableBank, table: number): number[] {
  let start = 0;
  for (let t = 0; t < table; t++) start += bank.size[t] + 1;
  return Array.from(bank.frequencies.subarray(start, start + bank.size[table] + 1));
}

function intervalOf(frequencies: number[], slot: number): Interval {
  const start = frequencies.slice(0, slot).reduce((sum, frequency) => sum + frequency, 0);
  return { start, frequency: frequencies[slot] };
}

/** The intervals that a symbol is coded by, in the decoder's order. */
function intervalsOf(bank: TableBank, table: number, symbol: number): Interval[] {
  const frequencies = frequenciesOf(bank, table);
  const first = bank.minimum[table];
  const afterLast = first + bank.size[table];
  if (symbol >= first && symbol < afterLast) return [intervalOf(frequencies, symbol - first)];
  const code = symbol < first ? 2 * (first - symbol) : 2 * (symbol - afterLast) + 1;
  const digits = code.toString(2);
  const gamma = "0".repeat(digits.length - 1) + digits;
  return [intervalOf(frequencies, bank.size[table]), ...[...gamma].map((digit) => bitInterval(Number(digit)))];
}

/** The stream of `symbols[i]` under table `tableIndex[i]`; `seal` is 0 .. 65535 or -1 for none. */
export function encode(
  bank: TableBank,
  symbols: ArrayLike<number>,
  tableIndex: ArrayLike<number>,
  seal = -1,
): number[] {
  let x = seal < 0 ? 1 : 65536 + seal;
  const backwards: number[] = [];
  for (let i = symbols.length - 1; i >= 0; i--) {
    for (const { start, frequency } of intervalsOf(bank, tableIndex[i], symbols[i]).reverse()) {
      while (x >= frequency * 32768) {
        backwards.push(x % 256);
        x = Math.floor(x / 256);
      }
      x = Math.floor(x / frequency) * total + start + (x % frequency);
    }
  }
  for (; x > 0; x = Math.floor(x / 256)) backwards.push(x % 256);
  return backwards.reverse();
}

/** The symbols and the seal (-1 where the stream has none), or undefined where no encoder writes such a stream. */
export function decode(
  bank: TableBank,
  bytes: ArrayLike<number>,
  tableIndex: ArrayLike<number>,
): { symbols: number[]; seal: number } | undefined {
  let x = 0;
  let next = 0;
  const refill = () => {
    while (x < lower && next < bytes.length) x = x * 256 + bytes[next++];
  };
  const take = (frequencies: number[]): number => {
    const position = x % total;
    let slot = 0;
    let start = 0;
    while (start + frequencies[slot] <= position) start += frequencies[slot++];
    x = frequencies[slot] * Math.floor(x / total) + position - start;
    refill();
    return slot;
  };
  const takeBit = () => take([32768, 32768]);

  if (bytes[0] === 0) return undefined;
  refill();
  const symbols: number[] = [];
  for (let i = 0; i < tableIndex.length; i++) {
    const table = tableIndex[i];
    const size = bank.size[table];
    let slot = take(frequenciesOf(bank, table));
    if (slot === size) {
      let digits = 0;
      while (takeBit() === 0) if (++digits > 16) return undefined;
      let code = 1;
      for (; digits > 0; digits--) code = code * 2 + takeBit();
      const distance = Math.floor(code / 2);
      slot = code % 2 === 1 ? size + distance : -distance;
    }
    const symbol = bank.minimum[table] + slot;
    if (Math.abs(symbol) > maxSymbol) return undefined;
    symbols.push(symbol);
  }
  if (next < bytes.length) return undefined;
  if (x === 1) return { symbols, seal: -1 };
  if (x >= total && x < 2 * total) return { symbols, seal: x - total };
  return undefined;
}
