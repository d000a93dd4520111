import { crc32 } from "node:zlib";
import { demand } from "./refused.js";

/** Coding tables (docs/FORMAT.md, "Tables"): those of table t follow one another in `frequencies`, the escape's last. */
export interface Tables {
  readonly minimum: ArrayLike<number>;
  readonly size: ArrayLike<number>;
  readonly frequencies: Uint16Array;
}

/** Reads symbols one after another (docs/FORMAT.md, "Decoding"). */
export class SymbolReader {
  private x = 0;
  private next = 0;
  private readonly symbols: number[] = [];

  constructor(
    private readonly tables: Tables,
    private readonly bytes: ArrayLike<number>,
  ) {
    demand(bytes.length > 0, "no symbols");
    demand(bytes[0] !== 0, "symbols that begin with 00");
    this.refill();
  }

  private refill(): void {
    while (this.x < 2 ** 23 && this.next < this.bytes.length) this.x = this.x * 256 + this.bytes[this.next++];
  }

  private slot(frequencies: ArrayLike<number>): number {
    const position = this.x % 65536;
    let slot = 0;
    let start = 0;
    while (start + frequencies[slot] <= position) start += frequencies[slot++];
    this.x = frequencies[slot] * Math.floor(this.x / 65536) + position - start;
    this.refill();
    return slot;
  }

  private bit(): number {
    return this.slot([32768, 32768]);
  }

  /** The next symbol, which is coded under the table of that number. */
  read(table: number): number {
    const size = this.tables.size[table];
    const minimum = this.tables.minimum[table];
    let start = 0;
    for (let t = 0; t < table; t++) start += this.tables.size[t] + 1;
    const slot = this.slot(this.tables.frequencies.subarray(start, start + size + 1));
    const symbol = slot < size ? minimum + slot : this.escaped(minimum, size);
    demand(Math.abs(symbol) <= 32767, "a symbol beyond -32767 .. 32767");
    this.symbols.push(symbol);
    return symbol;
  }

  private escaped(minimum: number, size: number): number {
    let zeros = 0;
    while (this.bit() === 0) demand(++zeros <= 16, "an escape of too many zeros");
    let number = 1;
    for (let i = 0; i < zeros; i++) number = number * 2 + this.bit();
    const distance = Math.floor(number / 2);
    return number % 2 === 1 ? minimum + size + distance : minimum - distance;
  }

  /** The seal behind the last symbol; undefined where there is none. */
  end(): number | undefined {
    demand(this.next === this.bytes.length, "bytes behind the last symbol");
    if (this.x === 1) return undefined;
    demand(this.x >= 65536 && this.x < 131072, "symbols that end badly");
    return this.x - 65536;
  }

  /** Ends where the seal must be that of the symbols read, or, with `sealed` false, where there must be none. */
  finish(sealed: boolean): void {
    const seal = this.end();
    demand(sealed === (seal !== undefined), sealed ? "a seal is missing" : "a seal where none belongs");
    demand(seal === undefined || seal === sealOf(this.symbols), "symbols that do not match their seal");
  }
}

export const sealOf = (symbols: readonly number[]): number =>
  crc32(Buffer.from(symbols.flatMap((symbol) => [symbol & 255, (symbol >> 8) & 255]))) % 65536;
