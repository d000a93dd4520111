import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
}
interface Compared {
  readonly name: string;
  readonly unit: string;
  readonly before?: number;
  readonly after?: number;
  readonly ratio?: number;
  readonly difference?: number;
}
const bench = new URL("../../bench/", import.meta.url);
const { compareFigures, figuresOf, numbersIn, rowText } = (await import(new URL("compare.mjs", bench).href)) as {
  compareFigures(before: readonly Figure[], after: readonly Figure[]): Compared[];
  figuresOf(ways: Record<string, string>, results: unknown): Figure[];
  numbersIn(value: unknown): Record<string, number>;
  rowText(benchmark: string, compared: Compared): string[];
};
const { suite } = (await import(new URL("suite.mjs", bench).href)) as {
  suite: readonly { name: string; quick?: string; kept?: string; figures: Record<string, string> }[];
};

describe("the comparison of benchmark results", () => {
  it("tells ratios, in the order of the newer results", () => {
    const before = [
      { name: "decode", value: 200, unit: "ms" },
      { name: "encode", value: 50, unit: "ms" },
    ];
    const after = [
      { name: "encode", value: 75, unit: "ms" },
      { name: "decode", value: 100, unit: "ms" },
    ];
    const rows = compareFigures(before, after);
    expect(rows.map(({ name, ratio }) => [name, ratio])).toEqual([
      ["encode", 1.5],
      ["decode", 0.5],
    ]);
    expect(rowText("kodak", rows[1])).toEqual(["kodak", "decode", "200 ms", "100 ms", "0.50x"]);
  });

  it("tells differences where figures may be below zero", () => {
    const of = (value: number, unit: string): Figure[] => [{ name: "it", value, unit }];
    const cell = (before: number, after: number, unit: string): string =>
      rowText("a", compareFigures(of(before, unit), of(after, unit))[0])[4];
    expect(cell(-45.5, -44, "%")).toBe("+1.5 %");
    expect(cell(6, 3, "%")).toBe("-3 %");
    expect(cell(29, 29.25, "dB")).toBe("+0.25 dB");
    expect(cell(0, 2, "")).toBe("+2");
    expect(cell(2, 0, "")).toBe("-2");
    expect(cell(4, 4, "ms")).toBe("1.00x");
  });

  it("says what is new and what is gone", () => {
    const rows = compareFigures([{ name: "old", value: 1 }], [{ name: "new", value: 2, unit: "ms" }]);
    expect(rows.map((row) => rowText("a", row))).toEqual([
      ["a", "new", "", "2 ms", "new"],
      ["a", "old", "1", "", "gone"],
    ]);
  });

  it("finds the numbers of a tree by their paths", () => {
    expect(numbersIn({ a: 1, b: { c: 2, d: "x", e: null } })).toEqual({ a: 1, "b c": 2 });
  });

  it("finds figures at the ends of ways, named by what lies on them", () => {
    const results = {
      total: 7,
      runs: [
        { name: "first", threads: 2, times: { encode: 3, decode: 4 } },
        { name: "second", times: { encode: 5 } },
        { name: "third" },
      ],
      lists: { left: [{ size: 1 }, { size: 2 }] },
    };
    expect(figuresOf({ total: "", "runs.*.times": "ms", "lists.*.*.size": "bytes", nothing: "" }, results)).toEqual([
      { name: "total", value: 7, unit: "" },
      { name: "first, threads 2: times: encode", value: 3, unit: "ms" },
      { name: "first, threads 2: times: decode", value: 4, unit: "ms" },
      { name: "second: times: encode", value: 5, unit: "ms" },
      { name: "left: 0: size", value: 1, unit: "bytes" },
      { name: "left: 1: size", value: 2, unit: "bytes" },
    ]);
  });
});

describe("the table of benchmarks", () => {
  const results = new URL("results/", bench);

  it("runs each one or says why it does not", () => {
    for (const { quick, kept } of suite) expect([quick, kept].filter((value) => value !== undefined).length).toBe(1);
    expect(new Set(suite.map(({ name }) => name)).size).toBe(suite.length);
  });

  it.each(suite.map(({ name, figures }) => ({ name, figures })))(
    "finds figures in the results of $name",
    async ({ name, figures }) => {
      const read = JSON.parse(await readFile(new URL(`${name}.json`, results), "utf8"));
      const found = figuresOf(figures, read);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found.map((figure) => figure.name)).size).toBe(found.length);
      // Every way leads to something.
      for (const [way, unit] of Object.entries(figures)) expect(figuresOf({ [way]: unit }, read), way).not.toEqual([]);
    },
  );

  it("marks reduced results, and only those", async () => {
    for (const [folder, isQuick] of [
      [results, false],
      [new URL("quick/", results), true],
    ] as const) {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
      for (const name of names) {
        const { quick = false } = JSON.parse(await readFile(new URL(name, folder), "utf8"));
        expect([name, quick]).toEqual([name, isQuick]);
      }
    }
  });
});
