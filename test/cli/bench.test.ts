import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { toSharp } from "../node/pictures.js";
import { drawPicture } from "../reference/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();

beforeAll(async () => {
  await mkdir(at("set"));
  for (let i = 0; i < 3; i++)
    await toSharp(drawPicture(40, 32, 3, i))
      .png()
      .toFile(at("set", `${i}.png`));
});

describe("bench", () => {
  it("prints a table, and writes the figures and a chart", async () => {
    const files = ["-o", at("bench.json"), "--chart", at("bench.svg")];
    const args = ["bench", at("set"), "-m", at("photo.isthm"), "--qualities", "10,90", ...files];
    const { code, stdout, stderr } = await isthmus(args);
    expect([code, stderr]).toEqual([0, ""]);
    for (const text of ["Isthmus against", "WebP", "AVIF 4:4:4", "JPEG XL", "MS-SSIM", "encode ms"]) {
      expect(stdout.toString()).toContain(text);
    }
    const report = JSON.parse(await readFile(at("bench.json"), "utf8"));
    expect(report).toMatchObject({ schema: 1, images: { count: 3, skipped: 0 }, effort: null });
    expect(report.curves[0].points.map(({ quality }: { quality: number }) => quality)).toEqual([10, 90]);
    expect(await readFile(at("bench.svg"), "utf8")).toMatch(/^<svg .*<\/svg>\n$/s);

    const again = await isthmus(args);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("Expected no file at")]);
  });

  it("goes on after a bad image, on as many as it is told", async () => {
    await mkdir(at("mixed"));
    await writeFile(at("mixed", "1.png"), "words");
    await toSharp(drawPicture(40, 32, 1))
      .png()
      .toFile(at("mixed", "2.png"));
    await toSharp(drawPicture(40, 32, 1, 1))
      .png()
      .toFile(at("mixed", "3.png"));
    const args = [at("mixed"), "-m", at("photo.isthm"), "--qualities", "10,90", "--json"];
    const { code, stdout, stderr } = await isthmus(["bench", ...args]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/skipped .*1\.png/)]);
    expect(objectsOf(stdout)).toMatchObject([{ images: { count: 2, skipped: 1 } }]);
    const limited = await isthmus(["bench", ...args, "--limit", "1"]);
    expect(objectsOf(limited.stdout)).toMatchObject([{ images: { count: 1, skipped: 0 } }]);
  });

  it.each([
    [["--qualities", "50"], 2, "Expected two or more ascending numbers"],
    [["--qualities", "50,40"], 2, "Expected two or more ascending numbers"],
    [["--qualities", "0,,9"], 2, "Expected two or more ascending numbers"],
    [["--limit", "0"], 2, "Expected a whole number"],
    [["--effort", "10"], 2, "Expected a whole number between 0 and 9"],
    [["-o", "same.json", "--chart", "same.json"], 2, "Expected two files"],
    [["-m", "nothing.isthm"], 4, "Expected a model"],
  ])("refuses %j", async (args, expected, message) => {
    const { code, stdout, stderr } = await isthmus(["bench", at("set"), ...args]);
    expect([code, stdout.length]).toEqual([expected, 0]);
    expect(stderr).toContain(message);
  });

  it("refuses folders without images, and names that lead nowhere", async () => {
    await mkdir(at("empty"));
    const model = ["-m", at("photo.isthm")];
    const empty = await isthmus(["bench", at("empty"), ...model]);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining("but found none")]);
    const missing = await isthmus(["bench", at("nowhere"), ...model]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("Expected a file at")]);
    await mkdir(at("broken"));
    await writeFile(at("broken", "1.png"), "words");
    const broken = await isthmus(["bench", at("broken"), ...model]);
    expect([broken.code, broken.stderr]).toEqual([3, expect.stringContaining("none of 1 can be used")]);
  });

  it("leaves nothing behind at ^C", async () => {
    await mkdir(at("large"));
    const path = join(at("large"), "large.png");
    await toSharp(drawPicture(1600, 1200, 3))
      .png()
      .toFile(path);
    await writeFile(at("large", "0.png"), "words");
    const args = ["bench", at("large"), "-m", at("photo.isthm"), "-o", at("no.json"), "--chart", at("no.svg")];
    const { code, stderr } = await isthmus(args, { interrupt: { at: "skipped" } });
    expect([code, stderr]).toEqual([130, expect.stringContaining("aborted")]);
    await expect(stat(at("no.json"))).rejects.toThrow();
    await expect(stat(at("no.svg"))).rejects.toThrow();
    expect(await leftovers()).toEqual([]);
  });
});
