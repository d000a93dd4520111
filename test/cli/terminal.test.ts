import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/cli/exit.js";
import { table } from "../../src/cli/format.js";
import { findInputs } from "../../src/cli/inputs.js";
import { planOutputs } from "../../src/cli/output.js";
import { printable, printableJson, printableLines } from "../../src/cli/printable.js";
import { Progress } from "../../src/cli/progress.js";
import { Report } from "../../src/cli/report.js";
import { train } from "../../src/index.js";
import { picture } from "../node/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { stdin, stdout } = process;
const were = { stdin: stdin.isTTY, stdout: stdout.isTTY };
afterEach(() => {
  stdin.isTTY = were.stdin;
  stdout.isTTY = were.stdout;
});

const input = { path: "-", relative: "-", fromFolder: false };

/** What would colour, retitle or move, and what would look like a line of its own. */
const evil = "\u001b]0;title\u0007\u001b[31m\nphoto.png: ok\r\u009b2J\u202egnp";
const shown = "\\x1b]0;title\\x07\\x1b[31m\\nphoto.png: ok\\r\\x9b2J\\u202egnp";

describe("what comes from outside", () => {
  const { at } = useWorkplace();
  /** Without what our own lines are made of. */
  const steering = /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

  it("is escaped as a line, as lines and in JSON", () => {
    expect(printable(`a${evil}`)).toBe(`a${shown}`);
    expect(printable("Gr\u00fc\u00dfe \u{1f600} \u05d0 \ud83d")).toBe("Gr\u00fc\u00dfe \u{1f600} \u05d0 \\ud83d");
    expect(printableLines("a\tb\n\u001bc")).toBe("a\tb\n\\x1bc");
    expect(table([["a", evil]])).toBe(`a  ${shown}`);
    const json = printableJson({ [evil]: [`${evil}\u{e0041}`] });
    expect(json).not.toMatch(steering);
    expect(JSON.parse(json)).toEqual({ [evil]: [`${evil}\u{e0041}`] });
  });

  it("is escaped in progress, reports and failures", () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
    try {
      new Progress(true).update(0.5, evil);
      const report = new Report({ json: false, quiet: false });
      report.remark(evil);
      report.warning(evil);
      report.failure(`in${evil}`, new Error(evil));
    } finally {
      spy.mockRestore();
    }
    const [bar, ...lines] = written;
    // The bar draws over itself, and nothing else does.
    expect(bar.slice(1).replace("\u001b[K", "")).not.toMatch(steering);
    expect(lines).toEqual([`${shown}\n`, `isthmus: ${shown}\n`, `isthmus: in${shown}: ${shown}\n`]);
  });

  it("never steers: names of files, good and bad", async () => {
    await mkdir(at("evil"));
    const name = evil.replace("/", "");
    await copyFile(at("photo.png"), at("evil", `${name}.png`));
    await writeFile(at("evil", `bad${name}.png`), "words");
    const model = ["-m", at("photo.isthm")];
    const streams = await isthmus(["encode", at("evil"), ...model]);
    expect(streams.code).toBe(3);
    const runs = [
      streams,
      await isthmus(["decode", at("evil"), "-o", `${at(`out${evil}`)}/`, ...model]),
      await isthmus(["info", at("evil")]),
      await isthmus(["verify", at("evil"), ...model]),
      await isthmus(["preview", at("evil")]),
      await isthmus(["models", at("evil", `nothing${evil}.isthm`)]),
      await isthmus(["encode", "--metadata", evil, at("photo.png")]),
      await isthmus(["encode", `--${evil}`]),
      await isthmus([
        "train",
        at("evil"),
        "-o",
        at(`own${evil}.isthm`),
        "--steps",
        "1",
        "--no-report",
        "--threads",
        "1",
      ]),
      await isthmus(["bench", at("evil"), ...model, "--qualities", "0,100"]),
      await isthmus(["encode", at("evil"), "-f", ...model, "--json"]),
    ];
    for (const { stdout, stderr } of runs) {
      for (const text of [stdout.toString(), stderr]) {
        expect(text).not.toMatch(steering);
        expect(text).not.toMatch(/^photo\.png: ok/m);
      }
    }
    expect(streams.stderr).toContain(shown);
  });

  it("never steers: what models say of themselves", async () => {
    const options = { preset: "photo", steps: 1, latents: 8, name: evil, licence: evil } as const;
    await writeFile(at("evil.isthm"), (await train([picture(40, 32)], options)).bytes);
    const told = await isthmus(["info", at("evil.isthm")]);
    expect(told.stdout.toString()).not.toMatch(steering);
    expect(told.stdout.toString()).toContain(shown);
    const { stdout } = await isthmus(["info", at("evil.isthm"), "--json"]);
    expect(stdout.toString()).not.toMatch(steering);
    expect(JSON.stringify(objectsOf(stdout))).toContain(JSON.stringify(evil).slice(1, -1));
  });
});

describe("on a terminal", () => {
  it("bytes are not written unless that is forced", async () => {
    stdout.isTTY = true;
    await expect(planOutputs([input], { output: undefined, force: false }, ".isth")).rejects.toThrow(UsageError);
    await expect(planOutputs([input], { output: "-", force: false }, ".isth")).rejects.toThrow("it is a terminal");
    expect(await planOutputs([input], { output: "-", force: true }, ".isth")).toMatchObject({ toStdout: true });
    expect(await planOutputs([input], { output: "a.isth", force: false }, ".isth")).toMatchObject({ toStdout: false });
  });

  it("bytes are not waited for", async () => {
    stdin.isTTY = true;
    await expect(findInputs(["-"], [".png"])).rejects.toThrow("it is a terminal");
  });
});
