import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../node/temporary-folder.js";

const frame = new URL("../../bench/frame/", import.meta.url);
const { optionsOf, many } = (await import(new URL("options.mjs", frame).href)) as {
  optionsOf(defaults: object): Record<string, unknown>;
  many(...values: string[]): object;
};
const { inTurns, ratioOf } = (await import(new URL("turns.mjs", frame).href)) as {
  inTurns(works: Record<string, () => unknown>, options: object): Promise<Record<string, number[]>>;
  ratioOf(times: Record<string, number[]>, one: string, other: string): number;
};
const { table, fixed, grouped } = (await import(new URL("text.mjs", frame).href)) as {
  table(rows: readonly object[], ...columns: unknown[][]): string;
  fixed(digits?: number): (value: number) => string;
  grouped(value: number): string;
};

const { argv } = process;
afterEach(() => {
  process.argv = argv;
  vi.restoreAllMocks();
});

describe("the options of a benchmark", () => {
  const defaults = {
    ...{ images: "kodak", rounds: 5, photoSteps: 24, threads: [1, 2], only: ["all"], quick: false },
    ...{ model: undefined, set: many("first"), limit: Number.POSITIVE_INFINITY },
  };

  it("are their defaults", () => {
    process.argv = ["node", "benchmark"];
    expect(optionsOf(defaults)).toEqual({ ...defaults, set: ["first"], words: [] });
  });

  it("have the kinds of their defaults, and words beside them", () => {
    const line =
      "PHOTOS --rounds 3 --photo-steps 7 --threads 1,4 --only a,b --quick --model m.isthm --set x --set y --output made TEST";
    process.argv = ["node", "benchmark", ...line.split(" ")];
    expect(optionsOf(defaults)).toEqual({
      ...defaults,
      ...{ rounds: 3, photoSteps: 7, threads: [1, 4], only: ["a", "b"], quick: true, model: "m.isthm" },
      ...{ set: ["x", "y"], words: ["PHOTOS", "TEST"] },
    });
  });

  it.each([
    ["--rounds many", "Expected a number for --rounds but received many"],
    ["--round 3", "Unknown option '--round'"],
    ["--output", "Option '--output <value>' argument missing"],
  ])("end the benchmark at %s", (line, message) => {
    process.argv = ["node", "benchmark", ...line.split(" ")];
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(process, "exit").mockImplementation(() => {
      throw new Error("ended");
    });
    expect(() => optionsOf(defaults)).toThrow("ended");
    expect(told).toHaveBeenCalledWith(expect.stringContaining(message));
  });
});

describe("works in turns", () => {
  it("run one after another in each round, the first rounds without the clock", async () => {
    const calls: string[] = [];
    let now = 0;
    const work = (name: string, milliseconds: number) => async () => {
      calls.push(name);
      now += milliseconds;
    };
    const works = { fast: work("fast", 2), slow: work("slow", 6) };
    const times = await inTurns(works, { rounds: 2, warming: 1, clock: () => now });
    expect(calls.join(" ")).toBe("fast slow fast slow fast slow");
    expect(times).toEqual({ fast: [2, 2], slow: [6, 6] });
    expect(ratioOf(times, "slow", "fast")).toBe(3);
  });

  it("are called again until a round has its time", async () => {
    let [calls, now] = [0, 0];
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const work = async () => {
      calls++;
      now += 2;
    };
    const times = await inTurns({ work }, { rounds: 3, least: 7, clock: () => now });
    expect(calls).toBe(4 * 4);
    expect(times).toEqual({ work: [2, 2, 2] });
  });
});

describe("results", () => {
  it("go to the folder that --output names, where they are found again before the repository's", async () => {
    const folder = await temporaryFolder();
    const script = join(folder, "benchmark.mjs");
    const results = new URL("results.mjs", frame).href;
    await writeFile(
      script,
      `import { docsPlace, readResults, writeResults } from ${JSON.stringify(results)};
      await writeResults("kodak", { share: 1 / 3, count: 24 });
      console.log(JSON.stringify([await readResults("kodak"), await docsPlace("looks/cat.webp"), (await readResults("memory")).width]));`,
    );
    const words = [script, "--images", "/photos/of mine", "--output", join(folder, "made"), "--limit", "4"];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const [kodak, picture, width] = JSON.parse(stdout);
    expect(kodak).toMatchObject({ share: 0.333333, count: 24, benchmark: "kodak" });
    expect(kodak.command).toBe('npm run bench:kodak -- --images "of mine" --limit 4');
    expect(JSON.parse(await readFile(join(folder, "made", "kodak.json"), "utf8"))).toEqual(kodak);
    expect(picture).toBe(join(folder, "made", "looks", "cat.webp"));
    expect(width).toBe(12500);
  });
});

describe("a table of results", () => {
  it("has a column for each way or function, and nothing where nothing is", () => {
    const rows = [
      { name: "first", sizes: [1234567, 2] },
      { name: "second", sizes: [3], ratio: 0.5 },
    ];
    const columns = [
      ["", "name"],
      ["bytes", "sizes.0", grouped],
      ["others", "sizes.1"],
      ["percent", ({ ratio }: { ratio?: number }) => ratio && 100 * ratio, fixed(1)],
    ];
    expect(table(rows, ...columns).split("\n")).toEqual([
      "|        |     bytes | others | percent |",
      "| ------ | --------: | -----: | ------: |",
      "| first  | 1,234,567 |      2 |         |",
      "| second |         3 |        |    50.0 |",
    ]);
  });
});
