import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Channels, hasAlpha } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { writeBytes } from "../../src/node/output-file.js";
import { readImage } from "../../src/node/read-image.js";
import { packImage, writeImage } from "../../src/node/write-image.js";
import { picture } from "./pictures.js";
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
