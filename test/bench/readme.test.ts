import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

// A variable keeps the compiler from looking for types.
const source = "../../bench/document/readme.mjs";
const { readmeWith } = (await import(source)) as {
  readmeWith(text: string, kodak: object, efforts: object[]): string;
};

const difference = (percent: number | null) => ({ percent });
const results = (effort: number | null, percent: number | null) => ({
  ...{ effort, model: { id: "0" } },
  bdRates: ["JPEG (mozjpeg)", "WebP", "AVIF 4:4:4"].map((name, i) => ({
    name,
    ssimulacra2: difference(percent === null ? null : percent + i),
  })),
});

describe("the README's rows of Kodak", () => {
  it("take the figures of the results at their effort, and dashes where there are none", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const rowsOf = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("| Kodak"));
    expect(rowsOf(readme)).toHaveLength(3);
    const filled = readmeWith(readme, results(null, -25), [results(6, -30), results(3, null)]);
    expect(rowsOf(filled)).toEqual([
      "| Kodak, embedded model | -25.0 % | -24.0 % | -23.0 % | `npm run bench:kodak` |",
      "| Kodak, embedded model, effort 3 | – | – | – | `npm run bench:efforts -- --effort 3` |",
      "| Kodak, embedded model, effort 6 | -30.0 % | -29.0 % | -28.0 % | `npm run bench:efforts -- --effort 6` |",
    ]);
    const others = (text: string): string[] => text.split("\n").filter((line) => !line.startsWith("| Kodak"));
    expect(others(filled)).toEqual(others(readme));
  });
});
