import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { train } from "../../src/index.js";
import { toSharp } from "../node/pictures.js";
import { drawBars } from "../reference/bars.js";
import { isthmus, objectsOf } from "./run-cli.js";
import { useWorkplace } from "./workplace.js";

const { at } = useWorkplace();
const bars = drawBars(24);

beforeAll(async () => {
  const options = { latents: 3, hidden: [16], steps: 60 } as const;
  const model = await train(bars, { ...options, preset: "variational" });
  await writeFile(at("bars.isthm"), model.bytes);
  await writeFile(at("plain.isthm"), (await train(bars, { ...options, preset: "vector" })).bytes);
  for (const i of [0, 1])
    await toSharp(bars[i])
      .png()
      .toFile(at(`bar-${i}.png`));
});

describe("sheets of a model's latents", () => {
  it("sample draws the same sheet for the same seed", async () => {
    const args = ["sample", at("bars.isthm"), "-n", "6", "--columns", "3", "--seed", "5", "--json"];
    const { code, stdout, stderr } = await isthmus([...args, "-o", at("sample.png")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(objectsOf(stdout)).toMatchObject([{ output: at("sample.png"), count: 6, seed: 5 }]);
    // 16 pixels are enlarged to 64; 2 pixels lie between pictures.
    expect(await sharp(at("sample.png")).metadata()).toMatchObject({ width: 196, height: 130 });
    const piped = await isthmus(["sample", at("bars.isthm"), "-n", "6", "--columns", "3", "--seed", "5", "-o", "-"]);
    const pixels = (input: Buffer | string) => sharp(input).raw().toBuffer();
    expect(await pixels(piped.stdout)).toEqual(await pixels(at("sample.png")));
    expect((await isthmus([...args, "-o", at("sample.png")])).code).toBe(1);
  });

  it("sample needs a model with a prior, and one that is there", async () => {
    const plain = await isthmus(["sample", at("plain.isthm"), "-o", at("no.png")]);
    expect([plain.code, plain.stderr]).toEqual([4, expect.stringContaining("Expected a variational model")]);
    const missing = await isthmus(["sample", at("nothing.isthm"), "-o", at("no.png")]);
    expect([missing.code, missing.stderr]).toEqual([4, expect.stringContaining("Expected a model at")]);
  });

  it("interpolate makes a row of each pair of images", async () => {
    const images = [at("bar-0.png"), at("bar-1.png"), at("bar-0.png")];
    const args = ["interpolate", ...images, "-m", at("bars.isthm"), "--steps", "4", "--mode", "spherical"];
    const { code, stderr } = await isthmus([...args, "-o", at("way.png")]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("2 times 4 pictures, spherical")]);
    expect(await sharp(at("way.png")).metadata()).toMatchObject({ width: 262, height: 130 });
  });

  it("explore lists the latents by their influence", async () => {
    const args = ["explore", at("bars.isthm"), "--image", at("bar-1.png"), "--steps", "3", "--limit", "2", "--json"];
    const { code, stdout } = await isthmus([...args, "-o", at("latents.png")]);
    expect(code).toBe(0);
    const [{ latents }] = objectsOf(stdout) as [{ latents: { influence: number }[] }];
    expect(latents.length).toBe(3);
    expect(latents[0].influence).toBeGreaterThanOrEqual(latents[2].influence);
    expect(await sharp(at("latents.png")).metadata()).toMatchObject({ width: 196, height: 130 });
  });
});
