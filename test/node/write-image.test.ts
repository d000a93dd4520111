import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Channels, hasAlpha } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { readImageMetadata } from "../../src/node/image-metadata.js";
import { writeBytes } from "../../src/node/output-file.js";
import { readImage } from "../../src/node/read-image.js";
import { packImage, writeImage } from "../../src/node/write-image.js";
import { p3Profile, pngChunk, withChunks } from "./made-files.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });

describe("writeImage", () => {
  it.each([1, 2, 3, 4] as Channels[])(
    "keeps %i channels in PNG and TIFF, and the samples in WebP",
    async (channels) => {
      const folder = await temporaryFolder();
      const original = picture(19, 13, channels);
      for (const name of ["a.png", "a.TIFF"]) {
        await writeImage(original, join(folder, name));
        expect(await readImage(join(folder, name))).toEqual(original);
      }
      await writeImage(original, join(folder, "a.webp"));
      const webp = await readImage(join(folder, "a.webp"));
      expect(webp.channels).toBe(hasAlpha(channels) ? 4 : 3);
      if (channels >= 3) expect(webp).toEqual(original);
    },
  );

  it("writes JPEG and AVIF close to the original", async () => {
    const folder = await temporaryFolder();
    const original = picture(48, 32);
    for (const name of ["a.jpg", "a.avif"]) {
      await writeImage(original, join(folder, name));
      expect(psnr(original, await readImage(join(folder, name)))).toBeGreaterThan(35);
    }
  });

  it("refuses what a format cannot hold", async () => {
    const folder = await temporaryFolder();
    await expect(packImage(picture(2, 2, 4), "jpeg")).rejects.toEqual(withCode("invalid-parameter"));
    await expect(writeImage(picture(2, 2, 2), join(folder, "a.jpg"))).rejects.toThrow("without alpha for a JPEG");
    for (const [format, side] of [
      ["jpeg", 65501],
      ["webp", 16384],
      ["avif", 16385],
      ["gif", 65536],
    ] as const) {
      const line = { data: new Uint8Array(side), width: side, height: 1, channels: 1 };
      await expect(packImage(line, format)).rejects.toEqual(withCode("image-too-large"));
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("carries metadata, as far as a format holds it, beside the same samples", async () => {
    const folder = await temporaryFolder();
    const source = await toSharp(picture(19, 13))
      .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
      .png()
      .toBuffer()
      .then((png) => withChunks(png, pngChunk.icc(p3Profile), pngChunk.exif(6, "somebody")));
    const metadata = await readImageMetadata(source);
    const image = await readImage(source, { keepProfile: true });
    for (const extension of ["png", "webp", "tiff", "jpg", "avif"]) {
      const path = join(folder, `a.${extension}`);
      await writeImage(image, path, { metadata });
      const { icc, xmp } = metadata!;
      const written = await readImageMetadata(path);
      expect(written).toMatchObject({ icc, xmp });
      // Its fields are written anew.
      if (extension === "tiff") expect(written).not.toHaveProperty("exif");
      else expect(Buffer.from(written!.exif!).includes("somebody")).toBe(true);
      const back = await readImage(path, { keepProfile: true });
      if (extension === "jpg" || extension === "avif") expect(psnr(back, image)).toBeGreaterThan(35);
      else expect(back).toEqual(image);
    }
    await writeImage(image, join(folder, "a.gif"), { metadata });
    expect(await readImageMetadata(join(folder, "a.gif"))).toBeUndefined();
    expect(await readImageMetadata(source, { kinds: ["xmp"] })).toEqual({ xmp: metadata!.xmp });
    expect(Buffer.from(metadata!.exif!).readUInt16LE(18)).toBe(1);
    const converted = await readImage(source);
    expect(converted.data).not.toEqual(image.data);
    expect(await readImage(join(folder, "a.png"))).toEqual(converted);
  });

  it("refuses names that say no format", async () => {
    const path = join(await temporaryFolder(), "a.bmp");
    await expect(writeImage(picture(2, 2), path)).rejects.toEqual(withCode("invalid-parameter"));
    await expect(packImage({ data: new Uint8Array(3), width: 2, height: 2 }, "png")).rejects.toThrow("16 samples");
  });

  it("replaces a file only where that is wanted, and follows links", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.png");
    await writeFile(path, "precious");
    await expect(writeImage(picture(2, 2), path, { overwrite: false })).rejects.toEqual(withCode("output-exists"));
    expect(await readFile(path, "utf8")).toBe("precious");
    const link = join(folder, "link.png");
    await symlink(path, link);
    await writeImage(picture(2, 2), link);
    expect(await readImage(path)).toEqual(picture(2, 2));
  });

  it("leaves nothing behind where writing fails", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "taken.png"));
    await expect(writeImage(picture(2, 2), join(folder, "taken.png"))).rejects.toEqual(withCode("output-unwritable"));
    await expect(writeImage(picture(2, 2), join(folder, "no", "a.png"))).rejects.toThrow("its folder does not exist");
    const aborted = { signal: AbortSignal.abort() };
    await expect(writeImage(picture(2, 2), join(folder, "a.png"), aborted)).rejects.toEqual(withCode("aborted"));
    expect(await readdir(folder)).toEqual(["taken.png"]);
  });

  it("says when the disk is full", async () => {
    await expect(writeBytes("/dev/full", new Uint8Array(9))).rejects.toThrow("the disk is full");
  });
});
