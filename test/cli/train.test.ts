import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();
const vector = ["--preset", "vector", "--latents", "4"];

describe("train", () => {
  it("writes a model and says what it is", async () => {
    const output = at("new.isthm");
    const args = [
      at("images"),
      "-o",
      output,
      ...vector,
      "--steps",
      "5",
      "--seed",
      "7",
      "--name",
      "waves",
      "--licence",
      "CC0-1.0",
    ];
    const { code, stdout, stderr } = await isthmus(["train", ...args, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const model = loadModel(await readFile(output));
    expect(objectsOf(stdout)).toMatchObject([
      { output, id: model.id, preset: "vector", images: 6, bytes: model.bytes.length, latents: 4 },
    ]);
    expect(model.training).toMatchObject({ name: "waves", licence: "CC0-1.0", steps: 5, seed: 7 });

    const again = await isthmus(["train", ...args]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("Expected no file at")]);
    const forced = await isthmus(["train", ...args, "-f"]);
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining("6 images, 12 x 10 pixels")]);
    expect(loadModel(await readFile(output)).id).toBe(model.id);
  });

  it("leaves out files that are no images, and says so", async () => {
    await mkdir(at("mixed"));
    await toSharp(picture(12, 10)).png().toFile(at("mixed", "1.png"));
    await writeFile(at("mixed", "2.png"), "words");
    const { code, stderr } = await isthmus(["train", at("mixed"), "-o", at("mixed.isthm"), ...vector, "--steps", "1"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/skipped .*2\.png/);
    expect(stderr).toContain("(1 files skipped)");
  });

  it("refuses sets that it cannot learn from", async () => {
    await mkdir(at("empty"));
    const empty = await isthmus(["train", at("empty"), "-o", at("no.isthm"), "--json"]);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining("found no image file")]);
    expect(objectsOf(empty.stdout)).toMatchObject([{ error: { code: "invalid-training-set" } }]);
    const missing = await isthmus(["train", at("nothing"), "-o", at("no.isthm")]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("Expected a file at")]);
    const sizes = await isthmus(["train", at("images"), at("photo.png"), "-o", at("no.isthm"), ...vector]);
    expect([sizes.code, sizes.stderr]).toEqual([
      1,
      expect.stringMatching(/12 x 10 .*0\.png.* and 40 x 32 .*photo\.png/),
    ]);
    await expect(stat(at("no.isthm"))).rejects.toThrow();
  });

  it("checks the output before it trains", async () => {
    const { code, stderr } = await isthmus(["train", at("images"), "-o", at("no", "folder.isthm"), "--minutes", "60"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Expected to write")]);
  });

  it("keeps a checkpoint at ^C and goes on from it", async () => {
    const output = at("long.isthm");
    const args = ["train", at("images"), "-o", output, ...vector, "--steps", "600"];
    const interrupted = await isthmus(args, { interruptAfter: { text: "pixels", milliseconds: 700 } });
    expect([interrupted.code, interrupted.stderr]).toEqual([130, expect.stringContaining("--resume")]);
    await expect(stat(output)).rejects.toThrow();
    expect((await stat(`${output}.checkpoint`)).size).toBeGreaterThan(0);
    expect(await leftovers()).toEqual([]);

    const forgotten = await isthmus(args);
    expect([forgotten.code, forgotten.stderr]).toEqual([1, expect.stringContaining("add --resume")]);
    const resumed = await isthmus([...args, "--resume", "--quiet"]);
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(loadModel(await readFile(output)).training).toMatchObject({ steps: 600 });
    await expect(stat(`${output}.checkpoint`)).rejects.toThrow();
  });

  it("says that there is nothing to go on from", async () => {
    const { code, stderr } = await isthmus(["train", at("images"), "-o", at("fresh.isthm"), "--resume"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("fresh.isthm.checkpoint but there is none")]);
  });
});
