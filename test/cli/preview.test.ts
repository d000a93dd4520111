import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodePreview } from "../../src/preview.js";
import { picture, toSharp } from "../node/pictures.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at, leftovers } = useWorkplace();

describe("preview", () => {
  it("prints a line for each image", async () => {
    const { code, stdout, stderr } = await isthmus(["preview", at("photo.png"), at("images")]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.toString().trim().split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/^[\w-]{28}\t.*photo\.png$/);
    expect(decodePreview(lines[0].split("\t")[0])).toMatchObject({ width: 32, height: 26 });
  });

  it("prints objects, other lengths and data: URLs", async () => {
    const { stdout } = await isthmus(["preview", at("photo.png"), "--json", "--bytes", "12", "--data-url"]);
    const [{ color, ...facts }] = objectsOf(stdout);
    const dataURL = expect.stringMatching(/^data:image\/png;base64,/);
    expect(facts).toEqual({
      input: at("photo.png"),
      preview: expect.stringMatching(/^[\w-]{16}$/),
      width: 40,
      height: 32,
      bytes: 12,
      dataURL,
    });
    expect(color).toMatchObject({ alpha: 255 });
  });

  it("makes a picture of a text", async () => {
    const { stdout } = await isthmus(["preview", at("photo.png")]);
    const text = stdout.toString().split("\t")[0];
    const done = await isthmus(["preview", "--decode", text, "-o", at("seen.png"), "--size", "100"]);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining("100 x 80")]);
    expect(await sharp(at("seen.png")).metadata()).toMatchObject({ format: "png", width: 100, height: 80 });
    expect((await isthmus(["preview", "--decode", text, "-o", at("seen.png")])).code).toBe(1);
    const piped = await isthmus(["preview", "--decode", text, "-o", "-"]);
    expect((await sharp(piped.stdout).metadata()).width).toBe(32);
  });

  it("takes the first frame of an animation, 16 bits, and goes on after a bad file", async () => {
    const { data, width, height } = picture(8, 16);
    await sharp(data, { raw: { width, height, channels: 3, pageHeight: 8 } })
      .gif()
      .toFile(at("moving.gif"));
    await toSharp(picture(20, 20)).toColourspace("rgb16").png().toFile(at("deep.png"));
    await writeFile(at("broken.png"), "no picture");
    const { code, stdout, stderr } = await isthmus([
      "preview",
      at("moving.gif"),
      at("deep.png"),
      at("broken.png"),
      at("photo.png"),
      "--json",
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain("broken.png");
    expect(
      objectsOf(stdout)
        .filter(({ preview }) => preview)
        .map(({ height }) => height),
    ).toEqual([8, 20, 32]);
  });

  it("trains a model and uses it", async () => {
    const output = at("own.isthm");
    const trained = await isthmus([
      "train",
      at("images"),
      "--preset",
      "preview",
      "-o",
      output,
      "--steps",
      "3",
      "--json",
    ]);
    expect([trained.code, trained.stderr]).toEqual([0, ""]);
    const [{ id }] = objectsOf(trained.stdout);
    const made = await isthmus(["preview", at("photo.png"), "-m", output]);
    const text = made.stdout.toString().split("\t")[0];
    expect(text.startsWith(`${id}.`)).toBe(true);
    expect((await isthmus(["preview", "--decode", text, "-o", at("own.png")])).code).toBe(4);
    expect((await isthmus(["preview", "--decode", text, "-m", output, "-o", at("own.png")])).code).toBe(0);
    expect((await isthmus(["info", output])).stdout.toString()).toContain(id);
    expect((await isthmus(["train", at("images"), "--preset", "preview", "-o", output, "--steps", "3"])).code).toBe(1);
    expect(await leftovers()).toEqual([]);
  });

  it("names what is wrong", async () => {
    const codes = async (...args: string[]): Promise<number | null> => (await isthmus(["preview", ...args])).code;
    expect(await codes()).toBe(2);
    expect(await codes(at("photo.png"), "--bytes", "7")).toBe(2);
    expect(await codes(at("photo.png"), "-o", at("x.png"))).toBe(2);
    expect(await codes("--decode", "AAAA", "-o", at("x.png"))).toBe(3);
    expect(await codes("--decode", "A".repeat(28))).toBe(2);
    expect(await codes("--decode", "A".repeat(28), at("photo.png"), "-o", at("x.png"))).toBe(2);
    expect(await codes(at("photo.png"), "-m", at("photo.isthm"))).toBe(3);
    expect((await isthmus(["train", at("images"), "--preset", "preview", "--minutes", "1"])).code).toBe(2);
  });
});
