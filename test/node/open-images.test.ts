import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImages, readImage } from "../../src/node.js";
import { train } from "../../src/training/train.js";
import { drawPictures } from "../reference/pictures.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });

describe("openImages", () => {
  it("tells sizes as they will be decoded, in natural order", async () => {
    const folder = await temporaryFolder();
    const made: [string, (path: string) => Promise<unknown>][] = [
      ["10.png", (path) => toSharp(picture(40, 30)).png().toFile(path)],
      ["2.jpg", (path) => toSharp(picture(40, 30)).withMetadata({ orientation: 6 }).jpeg().toFile(path)],
      // Larger than what is looked at of its head, and what tells the size may lie at its end.
      ["11.tiff", (path) => toSharp(picture(500, 300)).tiff({ compression: "none" }).toFile(path)],
    ];
    for (const [name, write] of made) await write(join(folder, name));
    const images = await openImages(folder, { cropToPixels: 1000 });
    expect(images.map(({ path, width, height }) => [path.split("/").pop(), width, height])).toEqual([
      ["2.jpg", 27, 36],
      ["10.png", 36, 27],
      ["11.tiff", 40, 24],
    ]);
    for (const image of images) {
      const { path, width, height } = image;
      const decoded = await image.decode();
      expect(decoded).toMatchObject({ width, height });
      expect(decoded).toEqual(await readImage(path, { cropToPixels: 1000 }));
    }
    const [whole] = await openImages(join(folder, "11.tiff"));
    expect([whole.width, whole.height]).toEqual([500, 300]);
  });

  it("tells files apart by what is in them", async () => {
    const folder = await temporaryFolder();
    const bytes = await toSharp(picture(300, 300)).tiff({ compression: "none" }).toBuffer();
    const changed = Uint8Array.from(bytes);
    changed[bytes.length >> 3] ^= 1;
    for (const [name, content] of Object.entries({ a: bytes, b: bytes, c: changed })) {
      await writeFile(join(folder, `${name}.tiff`), content);
    }
    const [a, b, c] = (await openImages(folder)).map(({ digest }) => digest);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it("leaves out what is no image, and lets medium grey stand in for what is damaged, where it may", async () => {
    const folder = await temporaryFolder();
    const good = await toSharp(picture(40, 30)).png().toBuffer();
    await writeFile(join(folder, "1.png"), good);
    // The head is whole, the samples are not.
    const damaged = Buffer.from(good);
    await writeFile(join(folder, "2.png"), damaged.fill(255, good.indexOf("IDAT") + 4, good.length - 20));
    await writeFile(join(folder, "3.png"), "words");
    await expect(openImages(folder)).rejects.toEqual(withCode("invalid-image"));
    await expect(openImages(join(folder, "3.png"), { onSkip() {} })).rejects.toEqual(withCode("invalid-training-set"));

    const skipped: string[] = [];
    const images = await openImages(folder, { onSkip: (path) => skipped.push(path.split("/").pop()!) });
    expect(images.length).toBe(2);
    expect(skipped).toEqual(["3.png"]);
    for (let i = 0; i < 2; i++) {
      const { data, ...shape } = await images[1].decode();
      expect(shape).toEqual({ width: 40, height: 30, channels: 1 });
      expect(new Set(data)).toEqual(new Set([128]));
    }
    expect(skipped).toEqual(["3.png", "2.png"]);
    const [, strict] = await openImages([join(folder, "1.png"), join(folder, "2.png")]);
    await expect(strict.decode()).rejects.toEqual(withCode("invalid-image"));
  });

  it("tells once of what a file was", async () => {
    const folder = await temporaryFolder();
    await toSharp(picture(20, 20)).toColourspace("rgb16").png().toFile(join(folder, "deep.png"));
    const told: string[] = [];
    const [image] = await openImages(folder, { onConvert: (_, from) => told.push(from) });
    expect(told).toEqual([]);
    await image.decode();
    await image.decode();
    expect(told).toEqual(["16 bits"]);
  });

  it.skipIf(process.platform === "win32")("keeps what comes through a pipe", async () => {
    const folder = await temporaryFolder();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const writing = writeFile(pipe, await toSharp(picture(20, 10)).png().toBuffer());
    const [image] = await openImages(pipe);
    await writing;
    expect([image.width, image.height]).toEqual([20, 10]);
    expect(await image.decode()).toEqual(await image.decode());
  });

  it("trains the model that images in memory give", async () => {
    const folder = await temporaryFolder();
    const pictures = drawPictures(5, 40, 40, 3);
    for (const [i, image] of pictures.entries())
      await toSharp(image)
        .png()
        .toFile(join(folder, `${i}.png`));
    const options = { preset: "photo", latents: 8, crop: 32, batch: 2, steps: 3, seed: 3 } as const;
    const opened = await openImages(folder);
    expect((await train(opened, options)).id).toBe((await train(pictures, options)).id);
  });
});
