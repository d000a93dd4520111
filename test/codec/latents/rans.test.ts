import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../src/ground/crc.js";
import { checkTables, codeLengthBits, frequenciesFrom, type TableBank } from "../../../src/models/tables.js";
import { strict } from "../../kernels/builds.js";
import { unlessRefused } from "../../reference/decoder/refused.js";
import * as reference from "../../reference/rans.js";
import { ransDecode as decode, ransEncode as encode } from "../calls.js";

const corrupt = -2;
const unsealed = -1;

/** A bank of tables given as [minimum, frequencies with the escape last]. */
function bankOf(...tables: [number, number[]][]): TableBank {
  const bank = {
    minimum: Int32Array.from(tables, ([minimum]) => minimum),
    size: Int32Array.from(tables, ([, frequencies]) => frequencies.length - 1),
    frequencies: Uint16Array.from(tables.flatMap(([, frequencies]) => frequencies)),
  };
  checkTables(bank);
  return bank;
}

const even = bankOf([0, [32767, 32767, 2]]);
const skewed = bankOf([-1, [1, 65533, 1, 1]]);
const mixed = bankOf([-2, [100, 20000, 25336, 20000, 100]], [5, [65535, 1]], [-32767, [1, 65535]], [0, [1, 65535]]);

const arbitraryBank = fc
  .array(
    fc.tuple(
      fc.integer({ min: -300, max: 300 }),
      fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 2, maxLength: 40 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((tables) =>
    bankOf(
      ...tables.map(([minimum, weights]): [number, number[]] => [
        minimum,
        Array.from(frequenciesFrom(Float64Array.from([1e-9 + weights[0], ...weights.slice(1)]))),
      ]),
    ),
  );

const message = arbitraryBank.chain((bank) => {
  const table = fc.integer({ min: 0, max: bank.size.length - 1 });
  const symbol = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -20, max: 20 }) },
    { weight: 3, arbitrary: fc.integer({ min: -400, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: -32767, max: 32767 }) },
  );
  return fc.record({
    bank: fc.constant(bank),
    items: fc.array(fc.tuple(table, symbol), { maxLength: 300 }),
    seal: fc.integer({ min: -1, max: 65535 }),
    piece: fc.integer({ min: 1, max: 50 }),
  });
});

describe("the kernel and its twin", () => {
  test("write the same bytes and read back symbols and seal, in pieces of any length", () => {
    fc.assert(
      fc.property(message, ({ bank, items, seal, piece }) => {
        const tableIndex = items.map(([table]) => table);
        const symbols = items.map(([table, symbol]) => Math.max(-32767, Math.min(32767, symbol + bank.minimum[table])));
        const bytes = encode(bank, symbols, tableIndex, seal);
        expect(bytes).toEqual(reference.encode(bank, symbols, tableIndex, seal));
        expect(decode(bank, bytes!, tableIndex, piece)).toEqual({ symbols, seal });
        expect(reference.decode(bank, bytes!, tableIndex)).toEqual({ symbols, seal });
      }),
      { numRuns: 150 },
    );
  });

  test("agree on every short byte string, and what they accept is exactly what an encoder writes", () => {
    let accepted = 0;
    for (const bank of [even, skewed, mixed]) {
      const tables = bank.size.length;
      for (const count of [0, 1, 2, 5]) {
        const tableIndex = Array.from({ length: count }, (_, i) => i % tables);
        for (let length = 0; length <= 2; length++) {
          for (let value = 0; value < 256 ** length; value += length === 2 ? 37 : 1) {
            const bytes = length === 2 ? [value >> 8, value & 255] : length === 1 ? [value] : [];
            const { symbols, seal } = decode(bank, bytes, tableIndex);
            const expectation = unlessRefused(() => reference.decode(bank, bytes, tableIndex));
            expect(seal === corrupt ? undefined : { symbols, seal }).toEqual(expectation);
            if (seal === corrupt) continue;
            accepted++;
            expect(encode(bank, symbols, tableIndex, seal)).toEqual(bytes);
          }
        }
      }
    }
    expect(accepted).toBeGreaterThan(10);
  });
});

test("the largest bank: 256 tables of 4096 symbols", () => {
  const wide = Array(4096)
    .fill(15)
    .concat(65536 - 4096 * 15);
  const bank = bankOf(...Array.from({ length: 256 }, (_, t): [number, number[]] => [t * 100 - 12800, wide]));
  const tableIndex = Array.from({ length: 2000 }, (_, i) => (i * 131) % 256);
  const symbols = tableIndex.map((table, i) => table * 100 - 12800 + ((i * 2003) % 4200) - 50);
  const bytes = encode(bank, symbols, tableIndex, 1)!;
  expect(bytes).toEqual(reference.encode(bank, symbols, tableIndex, 1));
  expect(decode(bank, bytes, tableIndex)).toEqual({ symbols, seal: 1 });
});

describe("no byte is wasted", () => {
  test("no symbols cost one byte, or three with a seal", () => {
    expect(encode(even, [], [])).toEqual([1]);
    expect(encode(even, [], [], 0)).toEqual([1, 0, 0]);
    expect(encode(even, [], [], 0xabcd)).toEqual([1, 0xab, 0xcd]);
    expect(decode(even, [1], [])).toEqual({ symbols: [], seal: unsealed });
    expect(decode(even, [1, 0xab, 0xcd], [])).toEqual({ symbols: [], seal: 0xabcd });
  });

  test("the first symbol of a table costs nothing at all while it repeats", () => {
    const bank = bankOf([0, [65535, 1]]);
    expect(encode(bank, Array(1000).fill(0), Array(1000).fill(0))).toEqual([1]);
  });

  test("every message of up to seven symbols comes back, and no two share a stream", () => {
    for (const bank of [even, skewed]) {
      const low = bank.minimum[0] - 1;
      const choices = bank.size[0] + 2;
      for (let count = 0; count <= (choices > 4 ? 4 : 6); count++) {
        const tableIndex = Array(count).fill(0);
        const streams = new Set<string>();
        for (let code = 0; code < choices ** count; code++) {
          const symbols = tableIndex.map((_, i) => low + (Math.floor(code / choices ** i) % choices));
          const bytes = reference.encode(bank, symbols, tableIndex);
          expect(decode(bank, bytes, tableIndex)).toEqual({ symbols, seal: unsealed });
          streams.add(bytes.join());
        }
        expect(streams.size).toBe(choices ** count);
      }
    }
  });

  test("a long message is within two bytes of its ideal length, five with a seal at most", () => {
    const bank = bankOf([-3, Array.from(frequenciesFrom(Float64Array.of(1, 4, 16, 40, 16, 4, 1, 0.01)))]);
    const symbols = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 101 < 60 ? 0 : ((i * 31) % 9) - 4));
    const tableIndex = symbols.map(() => 0);
    const ideal = symbols.reduce((bits, symbol) => bits + codeLengthBits(bank, 0, symbol), 0) / 8;
    expect(encode(bank, symbols, tableIndex)!.length - ideal).toBeLessThan(2);
    expect(encode(bank, symbols, tableIndex, 65535)!.length - ideal).toBeLessThan(4);
  });
});

describe("seals", () => {
  test("every seal comes back, also behind symbols so rare that the first state drops a byte", () => {
    for (let seal = 0; seal < 65536; seal += 251) {
      for (const symbols of [[], [0], [2, 2], [-1, 0, 1, 2, 300]]) {
        const tableIndex = symbols.map(() => 0);
        const bytes = encode(skewed, symbols, tableIndex, seal)!;
        expect(bytes[0]).not.toBe(0);
        expect(decode(skewed, bytes, tableIndex)).toEqual({ symbols, seal });
      }
    }
  });
});

describe("broken streams", () => {
  const symbols = Array.from({ length: 60 }, (_, i) => ((i * 5) % 7) - 3);
  const tableIndex = symbols.map((_, i) => i % 4);

  test("a byte more at the end, a zero byte in front and an empty stream are refused", () => {
    const bytes = encode(mixed, symbols, tableIndex, 77)!;
    expect(decode(mixed, bytes, tableIndex).seal).toBe(77);
    expect(decode(mixed, [...bytes, 0], tableIndex).seal).toBe(corrupt);
    expect(decode(mixed, [0, ...bytes], tableIndex).seal).toBe(corrupt);
    expect(decode(mixed, [0, 1], []).seal).toBe(corrupt);
    expect(decode(mixed, [], tableIndex).seal).toBe(corrupt);
    expect(decode(mixed, [], []).seal).toBe(corrupt);
  });

  test("a flipped bit or a cut never restores both symbols and seal, and symbols stay within the limit", () => {
    const bytes = encode(mixed, symbols, tableIndex, 77)!;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const broken = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const answer = decode(mixed, broken, tableIndex);
      expect(answer).not.toEqual({ symbols, seal: 77 });
      expect(answer.symbols.every((symbol) => Math.abs(symbol) <= 32767)).toBe(true);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(decode(mixed, bytes.slice(0, length), tableIndex)).not.toEqual({ symbols, seal: 77 });
    }
  });

  test("an escape beyond the limit is refused: its distance fits the code and not the symbol", () => {
    const near = bankOf([32760, [1, 65535]]);
    const far = bankOf([0, [1, 65535]]);
    const bytes = reference.encode(far, [32767], [0]);
    expect(decode(far, bytes, [0])).toEqual({ symbols: [32767], seal: unsealed });
    expect(decode(near, bytes, [0])).toEqual({ symbols: [0], seal: corrupt });
  });
});

describe("the encoder refuses", () => {
  test("a room that is too small, and never writes before it", () => {
    const symbols = [1, 300, -7, 0, 2];
    const tableIndex = symbols.map(() => 0);
    const length = encode(skewed, symbols, tableIndex, 9)!.length;
    expect(encode(skewed, symbols, tableIndex, 9, length)).toHaveLength(length);
    for (let room = 0; room < length; room++) expect(encode(skewed, symbols, tableIndex, 9, room)).toBeUndefined();
  });

  test("a symbol beyond the limit", () => {
    expect(encode(skewed, [32767, -32767], [0, 0])).toBeDefined();
    expect(encode(skewed, [32768], [0])).toBeUndefined();
    expect(encode(skewed, [-32768], [0])).toBeUndefined();
  });
});

const sealed = (symbols: Int32Array): number =>
  strict.memory.scope(() => {
    // In two parts, as symbols arrive.
    const [pointer, half] = [strict.memory.place(symbols), symbols.length >> 1];
    const before = strict.call.symbolChecksum(0, half, pointer);
    return strict.call.symbolChecksum(before, symbols.length - half, pointer + 4 * half) & 0xffff;
  });

describe("symbolChecksum", () => {
  test("is the checksum of the symbols as 16-bit numbers", () => {
    expect(sealed(new Int32Array(0))).toBe(0);
    expect(sealed(Int32Array.of(1, -1, 32767, -32767))).toBe(
      crc32(Uint8Array.of(1, 0, 255, 255, 255, 127, 1, 128)) & 0xffff,
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32767, max: 32767 }), { maxLength: 40 }), (symbols) => {
        const bytes = new Uint8Array(Int16Array.from(symbols).buffer);
        expect(sealed(Int32Array.from(symbols))).toBe(crc32(bytes) & 0xffff);
      }),
    );
  });
});
