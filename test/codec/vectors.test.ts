import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ContainerParts, readContainer, writeContainer } from "../../src/codec/stream/container.js";
import type { TableBank } from "../../src/models/tables.js";
import { unlessRefused } from "../reference/decoder/refused.js";
import * as planeTwin from "../reference/plane.js";
import * as ransTwin from "../reference/rans.js";
import { planeDecode, planeEncode, ransDecode, ransEncode } from "./calls.js";

/**
 * The committed streams of test/vectors: a changed byte is a breaking change of the format. After such a change,
 * UPDATE_VECTORS=1 writes the `bytes` of the good cases anew from their inputs.
 */
const update = process.env.UPDATE_VECTORS === "1";

function vectorsOf<File extends { cases: Case[] }>(name: string, encode: (one: File["cases"][number]) => string): File {
  const path = new URL(`../vectors/${name}.json`, import.meta.url);
  const file: File = JSON.parse(readFileSync(path, "utf8"));
  if (update) {
    for (const one of file.cases) one.bytes = encode(one);
    const lines = (list: unknown[]) => list.map((one) => `\n  ${JSON.stringify(one)}`).join(",");
    const parts = Object.entries(file).map(
      ([key, value]) =>
        ` ${JSON.stringify(key)}: ${Array.isArray(value) ? `[${lines(value)}\n ]` : JSON.stringify(value)}`,
    );
    writeFileSync(path, `{\n${parts.join(",\n")}\n}\n`);
  }
  return file;
}

interface Case {
  name: string;
  bytes: string;
}
interface RansInput {
  tables: { minimum: number; frequencies: number[] }[];
  tableIndex: number[];
}

const toHex = (bytes: ArrayLike<number>) => Buffer.from(Array.from(bytes)).toString("hex");
const fromHex = (text: string) => Array.from(Buffer.from(text, "hex"));

const bankOf = ({ tables }: RansInput): TableBank => ({
  minimum: Int32Array.from(tables, ({ minimum }) => minimum),
  size: Int32Array.from(tables, ({ frequencies }) => frequencies.length - 1),
  frequencies: Uint16Array.from(tables.flatMap(({ frequencies }) => frequencies)),
});

describe("entropy coding", () => {
  const { cases, broken } = vectorsOf<{
    cases: (Case & RansInput & { symbols: number[]; seal: number })[];
    broken: (Case & RansInput)[];
  }>("rans", (one) => toHex(ransEncode(bankOf(one), one.symbols, one.tableIndex, one.seal)!));

  test.each(cases)("$name", (one) => {
    const { symbols, tableIndex, seal, bytes } = one;
    const bank = bankOf(one);
    expect(toHex(ransEncode(bank, symbols, tableIndex, seal)!)).toBe(bytes);
    expect(ransDecode(bank, fromHex(bytes), tableIndex)).toEqual({ symbols, seal });
    expect(ransTwin.decode(bank, fromHex(bytes), tableIndex)).toEqual({ symbols, seal });
  });

  test.each(broken)("refuses: $name", (one) => {
    expect(ransDecode(bankOf(one), fromHex(one.bytes), one.tableIndex).seal).toBe(-2);
    expect(unlessRefused(() => ransTwin.decode(bankOf(one), fromHex(one.bytes), one.tableIndex))).toBeUndefined();
  });
});

describe("planes", () => {
  const { cases } = vectorsOf<{ cases: (Case & { height: number; width: number; samples: number[] })[] }>(
    "plane",
    ({ height, width, samples }) => toHex(planeEncode(height, width, Uint8Array.from(samples))!),
  );

  test.each(cases)("$name", ({ height, width, samples, bytes }) => {
    expect(toHex(planeEncode(height, width, Uint8Array.from(samples))!)).toBe(bytes);
    expect(Array.from(planeDecode(height, width, fromHex(bytes)).plane!)).toEqual(samples);
    expect(Array.from(planeTwin.decode(height, width, fromHex(bytes)))).toEqual(samples);
  });
});

describe("containers", () => {
  /** The parts with every hexadecimal text as bytes. */
  const partsOf = (parts: unknown): ContainerParts =>
    JSON.parse(JSON.stringify(parts), (key, value) =>
      typeof value === "string" && key !== "payload" ? Uint8Array.from(fromHex(value)) : value,
    );

  const { cases, broken } = vectorsOf<{
    cases: (Case & { parts: unknown })[];
    broken: (Case & { code: string })[];
  }>("container", ({ parts }) => toHex(writeContainer(partsOf(parts))));

  test.each(cases)("$name", ({ parts, bytes }) => {
    expect(toHex(writeContainer(partsOf(parts)))).toBe(bytes);
    expect(readContainer(Uint8Array.from(fromHex(bytes)))).toEqual(partsOf(parts));
  });

  test.each(broken)("refuses: $name", ({ bytes, code }) => {
    expect(() => readContainer(Uint8Array.from(fromHex(bytes)))).toThrow(expect.objectContaining({ code }));
  });
});
