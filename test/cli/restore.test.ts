import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();
const short = ["--steps", "2", "--preset", "vector", "--hidden", "16", "--threads", "1"];

/** `blurred` holds images of the same names as `images`, but as WebP. */
beforeAll(async () => {
  await mkdir(at("blurred"));
  for (let i = 0; i < 6; i++) {
    await sharp(at("images", `${i}.png`))
      .blur(1)
      .webp({ lossless: true })
      .toFile(at("blurred", `${i}.webp`));
  }
  const { code, stderr } = await isthmus([
    "train",
    at("images"),
    "-o",
    at("denoise.isthm"),
    ...short,
    "--corrupt",
    "noise:25",
  ]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("to restore (noise:25)")]);
});

const restorationOf = async (name: string) => loadModel(await readFile(at(name))).configuration.restoration;

describe("train --corrupt", () => {
  it("writes a model that knows what it restores", async () => {
    expect(await restorationOf("denoise.isthm")).toEqual({ corruption: "noise:25", scale: 1 });
  });

  it("knows JPEG's artefacts, too", async () => {
    const { code, stderr } = await isthmus([
      "train",
      at("images"),
      "-o",
      at("jpeg.isthm"),
      ...short,
      "--corrupt",
      "jpeg:20",
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("to restore (jpeg:20)")]);
    expect(await restorationOf("jpeg.isthm")).toEqual({ corruption: "jpeg:20", scale: 1 });
  });

  it.each(["noise:-1", "smoke:3", "jpeg:101"])("refuses %s", async (corrupt) => {
    const { code, stderr } = await isthmus([
      "train",
      at("images"),
      "-o",
      at("no.isthm"),
      ...short,
      "--corrupt",
      corrupt,
    ]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Expected .* but received/)]);
    await expect(stat(at("no.isthm"))).rejects.toThrow();
  });
});

describe("train --target", () => {
  it("learns from pairs, whatever the extensions", async () => {
    const args = ["train", at("blurred"), "--target", at("images"), "-o", at("pairs.isthm"), ...short];
    const { code, stderr } = await isthmus(args);
    expect([code, stderr]).toEqual([0, expect.stringContaining("to restore (pairs)")]);
    expect(await restorationOf("pairs.isthm")).toEqual({ corruption: "pairs", scale: 1 });
  });

  it("refuses pairs whose names do not match", async () => {
    await mkdir(at("renamed"));
    for (let i = 0; i < 5; i++) await copyFile(at("images", `${i}.png`), at("renamed", `${i}.png`));
    await copyFile(at("images", "5.png"), at("renamed", "six.png"));
    const args = ["train", at("renamed"), "--target", at("images"), "-o", at("no.isthm"), ...short, "--json"];
    const { code, stdout, stderr } = await isthmus(args);
    expect([code, stderr]).toEqual([1, expect.stringContaining("found no input for 5 and no target for six")]);
    expect(objectsOf(stdout)).toMatchObject([{ error: { code: "invalid-training-set" } }]);
  });

  it("refuses pairs whose sizes differ, by name", async () => {
    await mkdir(at("wider"));
    for (let i = 0; i < 6; i++) {
      await toSharp(picture(i === 3 ? 14 : 12, 10))
        .png()
        .toFile(at("wider", `${i}.png`));
    }
    const { code, stderr } = await isthmus([
      ...["train", at("wider"), "--target", at("images"), "-o", at("no.isthm")],
      ...["--steps", "2", "--preset", "photo"],
    ]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/14 x 10 .*wider.3\.png.* and 12 x 10 .*images.3\.png/)]);
  });

  it("refuses both kinds of damage at once", async () => {
    const args = ["train", at("blurred"), "--target", at("images"), "-o", at("no.isthm"), ...short];
    const { code, stderr } = await isthmus([...args, "--corrupt", "noise:25"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Expected either corrupt or inputs")]);
  });
});

describe("restore", () => {
  it("writes the restored image and says so", async () => {
    const output = at("clean.png");
    const args = ["restore", at("images", "1.png"), "-o", output, "-m", at("denoise.isthm"), "--json"];
    const { code, stdout, stderr } = await isthmus(args);
    expect([code, stderr]).toEqual([0, ""]);
    const { id } = loadModel(await readFile(at("denoise.isthm")));
    const { width, height } = await sharp(output).metadata();
    expect([width, height]).toEqual([12, 10]);
    expect(objectsOf(stdout)).toMatchObject([{ output, width: 12, height: 10, model: id }]);
    const again = await isthmus(args);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("Expected no file at")]);
  });

  it("puts the images of a folder beside them, under names of their own", async () => {
    await mkdir(at("noisy"));
    for (const name of ["1.png", "2.png"]) await copyFile(at("images", name), at("noisy", name));
    const { code } = await isthmus(["restore", at("noisy"), "-m", at("denoise.isthm")]);
    expect(code).toBe(0);
    for (const name of ["1.restored.png", "2.restored.png"])
      expect((await stat(at("noisy", name))).size).toBeGreaterThan(0);
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ["codes", ["restore", "photo.png", "-o", "no.png", "-m", "photo.isthm"], "Expected a model that restores pictures"],
    ["restores", ["encode", "images/1.png", "-o", "no.isth", "-m", "denoise.isthm"], "Expected a model that codes"],
  ])("refuses to be mixed up with coding where the model %s", async (_, args, message) => {
    const { code, stderr } = await isthmus(args, { cwd: at() });
    expect([code, stderr]).toEqual([4, expect.stringContaining(message)]);
    await expect(stat(at(args[3]))).rejects.toThrow();
  });

  it("asks for a model, and for images of its size", async () => {
    const none = await isthmus(["restore", at("photo.png"), "-o", at("no.png")]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("Expected -m with a model")]);
    const size = await isthmus(["restore", at("photo.png"), "-o", at("no.png"), "-m", at("denoise.isthm")]);
    expect([size.code, size.stderr]).toEqual([2, expect.stringContaining("Expected 12 x 10 pixels for this model")]);
  });
});

describe("train --preset sparse", () => {
  it.each([
    ["k:3", { kind: "k", active: 3 }],
    ["l1:0.01", { kind: "l1", weight: 0.01 }],
    ["kl:0.05,1", { kind: "kl", activity: 0.05, weight: 1 }],
  ])("keeps few units active by %s, in a model that codes", async (text, sparsity) => {
    const name = `${text.split(":")[0]}.isthm`;
    const args = ["train", at("images"), "-o", at(name), "--preset", "sparse", "--latents", "40", "--steps", "2"];
    const { code, stderr } = await isthmus([...args, "--sparsity", text]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("sparse by")]);
    expect(loadModel(await readFile(at(name))).configuration).toMatchObject({
      preset: "sparse",
      latents: 40,
      sparsity,
    });
    const coded = await isthmus(["encode", at("images", "1.png"), "-o", at(`${name}.isth`), "-m", at(name), "--quiet"]);
    expect([coded.code, coded.stderr]).toEqual([0, ""]);
  });

  it.each([
    [
      "more units than there are",
      ["--preset", "sparse", "--latents", "40", "--sparsity", "k:41"],
      /Expected .* received/,
    ],
    ["words", ["--preset", "sparse", "--sparsity", "few"], /Expected k:UNITS/],
    ["an activity above 1", ["--preset", "sparse", "--sparsity", "kl:2,1"], /Expected k:UNITS/],
    ["another preset", ["--preset", "vector", "--sparsity", "k:3"], /but with preset sparse/],
  ])("refuses %s", async (_, options, message) => {
    const { code, stderr } = await isthmus(["train", at("images"), "-o", at("no.isthm"), "--steps", "2", ...options]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    await expect(stat(at("no.isthm"))).rejects.toThrow();
  });
});
