import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createCodec, defaultModel, loadModel, psnr } from "../../src/index.js";
import { picture, toSharp } from "../node/pictures.js";
import { drawExactPicture } from "../reference/exact-pictures.js";
import { drawPictures } from "../reference/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at } = useWorkplace();
const vector = ["--preset", "vector", "--latents", "4", "--hidden", "16", "--threads", "1"];

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

  it("tunes photos for what it is told, and models tell of it", async () => {
    for (const tune of ["ssimulacra2", "psnr"]) {
      const output = at(`tuned-${tune}.isthm`);
      const args = ["train", at("photo.png"), "-o", output, "--preset", "photo", "--latents", "8", "--steps", "2"];
      const { code, stderr } = await isthmus([...args, "--tune", tune]);
      expect([code, stderr]).toEqual([0, expect.stringMatching(`preset photo, tune ${tune}, a model of about`)]);
      expect((await isthmus(["info", output])).stdout.toString()).toMatch(new RegExp(`tune: +${tune}\n`));
      expect((await isthmus(["models", output])).stdout.toString()).toMatch(new RegExp(` photo +${tune} +3 +8 `));
    }
    const refused = await isthmus(["train", at("images"), "-o", at("no.isthm"), ...vector, "--tune", "ssimulacra2"]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('Expected psnr, with preset vector, for tune but received "ssimulacra2"'),
    ]);
  });

  it("shares the work out over threads, with the same result for every number of them", async () => {
    const shardsAndIds: [number | undefined, string][] = [];
    for (const threads of ["1", "2", "3"]) {
      const output = at(`threads-${threads}.isthm`);
      const args = ["train", at("images"), "-o", output, ...vector, "--steps", "5", "--threads", threads, "--quiet"];
      expect(await isthmus(args)).toMatchObject({ code: 0, stderr: "" });
      const { id, training } = loadModel(await readFile(output));
      shardsAndIds.push([training!.shards, id]);
    }
    const [one, two, three] = shardsAndIds;
    expect(one[0]).toBeGreaterThan(1);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
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

  it("holds images back, says what it will do, and ends with a comparison on them", async () => {
    await mkdir(at("many"));
    for (const [i, image] of drawPictures(24, 24, 24, 3).entries())
      await toSharp(image)
        .png()
        .toFile(at("many", `${i}.png`));
    await copyFile(at("many", "9.png"), at("many", "copy.png"));
    const args = ["train", "many", "--preset", "photo", "--latents", "8", "--steps", "8"];
    const { code, stdout, stderr } = await isthmus(args, { cwd: at() });
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(stderr).toContain("25 images, 24 x 24 pixels");
    expect(stderr).toContain("1 of 25 images are exact copies");
    expect(stderr).toContain("25 images are few");
    expect(stderr).toMatch(
      /23 to learn from, 2 held back to judge by; preset photo, tune psnr, a model of about .* MB; 8 steps/,
    );
    expect(stderr).toMatch(/Isthmus against [\s\S]*\nWebP [\s\S]*\nAVIF 4:4:4 [\s\S]*your images, by SSIMULACRA 2: /);
    expect(stderr).toMatch(
      /\nembedded model(, by PSNR: .* against .*, yours: .* %|: its curve .*) \(2 held-back images, few enough for chance\)\n/,
    );
    expect(stderr).toContain("isthmus: 8 steps are too few to learn anything: thousands are usual\n");
    expect(stderr).toContain("isthmus: your model is no better than the embedded model on the images held back");
    // Copies are never held back: those are the tenth and the twentieth of the other images.
    expect(loadModel(await readFile(at("many.isthm"))).training).toMatchObject({ images: 23 });

    const json = await isthmus([...args, "-f", "--json"], { cwd: at() });
    expect(objectsOf(json.stdout)).toMatchObject([
      {
        images: 25,
        heldBack: 2,
        copies: 1,
        warnings: [
          expect.stringContaining("copies"),
          expect.stringContaining("images are few"),
          expect.stringContaining("8 steps are too few"),
          expect.stringContaining("no better than the embedded model"),
        ],
        start: { name: "embedded model", id: (await defaultModel()).id },
        comparison: { images: { count: 2 } },
      },
    ]);
    const quick = await isthmus([...args, "-f", "--json", "--no-report"], { cwd: at() });
    expect(objectsOf(quick.stdout)).toMatchObject([{ heldBack: 2, comparison: null }]);
  });

  it("does not spend ten minutes on images that go without loss whatever is learnt, and says so", async () => {
    await mkdir(at("glyphs"));
    for (let seed = 0; seed < 20; seed++) {
      const glyph = drawExactPicture({ width: 48, height: 40, channels: 1, kind: "ink", seed });
      await toSharp(glyph)
        .png()
        .toFile(at("glyphs", `${seed}.png`));
    }
    const args = ["train", "glyphs", "-o", "glyphs.isthm", "--threads", "1"];
    const { code, stderr } = await isthmus(args, { cwd: at() });
    expect(code).toBe(0);
    expect(stderr).toContain("; the network of the embedded model as it is, and what the coder of few colours");
    expect(stderr).toContain(
      "isthmus: 18 of 18 images have few colours and go without loss, whatever a network learns",
    );
    expect(stderr).toMatch(/your images, without loss: \d+ bytes each, \d+ as WebP lossless \(-\d+\.\d %\)\n/);
    expect(stderr).toMatch(/embedded model, without loss: \d+ bytes each, yours: \d+ \(2 held-back images/);
    expect(stderr).not.toContain("too few to learn anything");
    const model = loadModel(await readFile(at("glyphs.isthm")), { parents: [await defaultModel()] });
    expect([model.training!.steps, model.parent?.id]).toEqual([0, (await defaultModel()).id]);

    // With steps it is trained all the same, and told at the end for programs, too.
    const json = await isthmus([...args, "-f", "--json", "--no-report", "--steps", "1"], { cwd: at() });
    const [report] = objectsOf(json.stdout) as { warnings: string[] }[];
    expect(report).toMatchObject({ lossless: { count: 20, of: 20 }, training: { steps: 1 } });
    expect(report.warnings).toContainEqual(expect.stringContaining("18 of 18 images have few colours"));
  });

  it.each([
    [1, "one image: the model will know it by heart"],
    [5, "5 images are too few to hold any back"],
  ])("warns where there are %i images", async (count, message) => {
    const sources = Array.from({ length: count }, (_, i) => at("images", `${i}.png`));
    const { code, stderr } = await isthmus([
      "train",
      ...sources,
      "-o",
      at(`${count}.isthm`),
      ...vector,
      "--steps",
      "1",
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining(message)]);
    expect(stderr).not.toContain("your images");
  });

  it("makes a sound model of images of one colour, and warns", async () => {
    await mkdir(at("black"));
    const black = { data: new Uint8Array(20 * 20), width: 20, height: 20, channels: 1 } as const;
    for (const i of [1, 2])
      await toSharp(black)
        .png()
        .toFile(at("black", `${i}.png`));
    for (const preset of ["photo", "vector"]) {
      const output = at(`black-${preset}.isthm`);
      const { code, stderr } = await isthmus(["train", at("black"), "-o", output, "--preset", preset, "--steps", "5"]);
      expect([code, stderr]).toEqual([0, expect.stringContaining("every image is one plain colour")]);
      expect(stderr).toContain("1 of 2 images are exact copies");
      const codec = await createCodec(loadModel(await readFile(output)));
      const decoded = await codec.decode(await codec.encode(black));
      expect(psnr(black, decoded)).toBeGreaterThan(30);
    }
  });

  it("says what it converts", async () => {
    await mkdir(at("kinds"));
    const deep = toSharp(picture(12, 10)).toColourspace("rgb16").png();
    await deep.toFile(at("kinds", "deep.png"));
    await toSharp(picture(12, 10)).toColourspace("cmyk").jpeg().toFile(at("kinds", "print.jpg"));
    const { code, stderr } = await isthmus(["train", at("kinds"), "-o", at("kinds.isthm"), ...vector, "--steps", "1"]);
    expect(code).toBe(0);
    expect(stderr).toContain("16 bits (1 file), CMYK (1 file): brought to one picture of 8-bit sRGB");
  });

  it("decodes photos as they are drawn from where there is no room for all", async () => {
    await mkdir(at("large"));
    for (const [i, image] of drawPictures(24, 48, 48, 3).entries())
      await toSharp(image)
        .png()
        .toFile(at("large", `${i}.png`));
    const good = await readFile(at("large", "7.png"));
    await writeFile(at("large", "7.png"), good.fill(255, good.indexOf("IDAT") + 4, good.length - 20));
    const args = ["train", at("large"), "-o", at("large.isthm"), "--from", "none", "--latents", "8", "--no-report"];
    const { code, stderr } = await isthmus([...args, "--preset", "photo", "--image-memory", "150000", "--steps", "4"]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("24 images, 48 x 48 pixels, decoded as they are drawn"),
    ]);
    expect(stderr).toContain("22 to learn from, 2 held back to judge by");
    expect(stderr.match(/skipped [^\n]*7\.png/g)?.length).toBe(1);
    expect(loadModel(await readFile(at("large.isthm"))).training).toMatchObject({ images: 22, steps: 4 });

    const inMemory = await isthmus([...args, "-f", "--preset", "photo", "--steps", "1"]);
    expect(inMemory.stderr).toContain("23 images, 48 x 48 pixels (1 files skipped)");
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

  it("starts at the weights of a model, with its preset and graph", async () => {
    const [base, output] = [at("vector.isthm"), at("further.isthm")];
    const { code, stderr } = await isthmus(["train", at("images"), "-o", output, "--from", base, "--steps", "2"]);
    const { id, configuration } = loadModel(await readFile(base));
    expect([code, stderr]).toEqual([0, expect.stringContaining(`preset vector`)]);
    expect(stderr).toContain(`starting from model ${id}; 2 steps`);
    const model = loadModel(await readFile(output));
    expect(model.configuration).toEqual(configuration);
    expect(model.id).not.toBe(id);
  });

  it("starts at the embedded model", async () => {
    const args = ["train", at("photo.png"), "-o", at("default.isthm"), "--from", "default", "--steps", "1", "--quiet"];
    const { code, stderr } = await isthmus(args);
    expect([code, stderr]).toEqual([0, ""]);
    const embedded = await defaultModel();
    const { configuration } = embedded;
    expect(loadModel(await readFile(at("default.isthm")), { parents: [embedded] }).configuration).toMatchObject({
      preset: "photo",
      latents: configuration.latents,
      synthesis: configuration.synthesis,
    });
  });

  it.each([
    ["there is no such model", ["--from", "nowhere.isthm"], 4, "Expected a model at nowhere.isthm but there is none"],
    ["the file is no model", ["--from", "photo.png"], 3, "photo.png: "],
    [
      "the model is of another preset",
      ["--from", "photo.isthm", "--preset", "vector"],
      2,
      "Expected a model of preset vector",
    ],
    [
      "the model has another neck",
      ["--from", "vector.isthm", "--latents", "5"],
      2,
      "Expected 4, as in the model to start from,",
    ],
  ])("does not start where %s", async (_, options, exit, message) => {
    const args = ["train", "images", "-o", "refused.isthm", "--steps", "1", ...options];
    const { code, stderr } = await isthmus(args, { cwd: at() });
    expect([code, stderr]).toEqual([exit, expect.stringContaining(message)]);
    await expect(stat(at("refused.isthm"))).rejects.toThrow();
  });
});
