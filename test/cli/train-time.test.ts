import { mkdir, readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/index.js";
import { toSharp } from "../node/pictures.js";
import { drawPictures } from "../reference/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();
const vector = ["--preset", "vector", "--latents", "4", "--hidden", "16"];

describe("train, as time passes,", () => {
  it("keeps a checkpoint at ^C and goes on from it", async () => {
    const output = at("long.isthm");
    const args = ["train", at("images"), "-o", output, ...vector, "--steps", "2000"];
    const interrupted = await isthmus(args, { interrupt: { at: " left, step " } });
    expect([interrupted.code, interrupted.stderr]).toEqual([130, expect.stringContaining("--resume")]);
    await expect(stat(output)).rejects.toThrow();
    expect((await stat(`${output}.checkpoint`)).size).toBeGreaterThan(0);
    expect(await leftovers()).toEqual([]);

    const forgotten = await isthmus(args);
    expect([forgotten.code, forgotten.stderr]).toEqual([1, expect.stringContaining("add --resume")]);
    const resumed = await isthmus([...args, "--resume", "--quiet"]);
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(loadModel(await readFile(output)).training).toMatchObject({ steps: 2000 });
    await expect(stat(`${output}.checkpoint`)).rejects.toThrow();
  });

  it("keeps to its minutes, reading and report included, and can be repeated", async () => {
    await mkdir(at("enough"));
    for (const [i, image] of drawPictures(30, 96, 80, 3).entries()) {
      await toSharp(image)
        .png()
        .toFile(at("enough", `${i}.png`));
    }
    const before = performance.now();
    const args = ["train", at("enough"), "--latents", "24", "--quiet"];
    const first = await isthmus([...args, "-o", at("timed.isthm"), "--minutes", "0.15", "--seed", "9", "--json"]);
    const seconds = (performance.now() - before) / 1000;
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(objectsOf(first.stdout)).toMatchObject([
      { heldBack: 3, comparison: { images: { count: expect.any(Number), skipped: 0 } } },
    ]);
    // What the report does at least takes longer where other tests keep the cores busy.
    expect(seconds).toBeGreaterThan(6);
    expect(seconds).toBeLessThan(45);
    const again = await isthmus([...args, "-o", at("again.isthm"), "--repeat", at("timed.isthm"), "--no-report"]);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    const [model, repeated] = await Promise.all(
      ["timed.isthm", "again.isthm"].map(async (name) => loadModel(await readFile(at(name)))),
    );
    expect(model.training!.seconds).toBeLessThan(9);
    expect(model.training!.schedule!.firstSteps.length).toBeGreaterThan(10);
    expect(repeated.id).toBe(model.id);
    const both = await isthmus([...args, "-o", at("both.isthm"), "--repeat", at("timed.isthm"), "--minutes", "1"]);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("but received minutes and repeat")]);
  });

  it("says that there is nothing to go on from", async () => {
    const { code, stderr } = await isthmus(["train", at("images"), "-o", at("fresh.isthm"), "--resume"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("fresh.isthm.checkpoint but there is none")]);
  });
});
