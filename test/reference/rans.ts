import { SymbolReader, type Tables } from "./decoder/symbol-reader.js";

/** The plain twin of assembly/rans.ts, written from docs/FORMAT.md for clarity alone. */

const total = 65536;

interface Interval {
  readonly start: number;
  readonly frequency: number;
}

const bitInterval = (bit: number): Interval => ({ start: bit * 32768, frequency: 32768 });

function frequenciesOf(bank: Tables, table: number): number[] {
  let start = 0;
  for (let t = 0; t < table; t++) start += bank.size[t] + 1;
  return Array.from(bank.frequencies.subarray(start, start + bank.size[table] + 1));
}

function intervalOf(frequencies: number[], slot: number): Interval {
  const start = frequencies.slice(0, slot).reduce((sum, frequency) => sum + frequency, 0);
  return { start, frequency: frequencies[slot] };
}

/** The intervals that a symbol is coded by, in the decoder's order. */
function intervalsOf(bank: Tables, table: number, symbol: number): Interval[] {
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
export function encode(bank: Tables, symbols: ArrayLike<number>, tableIndex: ArrayLike<number>, seal = -1): number[] {
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

/** The symbols and the seal (-1 where the stream has none); a stream that no encoder writes is refused. */
export function decode(
  bank: Tables,
  bytes: ArrayLike<number>,
  tableIndex: ArrayLike<number>,
): { symbols: number[]; seal: number } {
  const reader = new SymbolReader(bank, bytes);
  const symbols = Array.from(tableIndex, (table) => reader.read(table));
  return { symbols, seal: reader.end() ?? -1 };
}
