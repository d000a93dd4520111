import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Channels } from "../../src/image/image.js";
import { psnr } from "../../src/image/psnr.js";
import { readImage, readImageSize } from "../../src/node/read-image.js";
import { gif, tiff } from "./made-files.js";
import { picture, toSharp } from "./pictures.js";
import { temporaryFolder } from "./temporary-folder.js";

const withCode = (code: string) => expect.objectContaining({ name: "IsthmusError", code });

describe("readImage", () => {
  it.each([1, 2, 3, 4] as Channels[])("keeps the %i channels of a PNG exactly", async (channels) => {
    const original = picture(23, 11, channels);
    expect(await readImage(await toSharp(original).png().toBuffer())).toEqual(original);
  });

  it.each(["jpeg", "webp", "avif", "tiff", "gif"] as const)("reads %s from a path", async (format) => {
    const path = join(await temporaryFolder(), "file-without-extension");
    const original = picture(40, 24);
    await toSharp(original).toFormat(format, { quality: 95 }).toFile(path);
    const image = await readImage(path);
    expect(image).toMatchObject({ width: 40, height: 24, channels: 3 });
    expect(psnr(original, image)).toBeGreaterThan(25);
  });

  it("takes the first frame of an animation", async () => {
    const frames = sharp(
      [await toSharp(picture(8, 8)).png().toBuffer(), await toSharp(picture(8, 8)).negate().png().toBuffer()],
      {
        join: { animated: true },
      },
    );
    const image = await readImage(await frames.webp({ lossless: true }).toBuffer());
    expect(image).toEqual(picture(8, 8));
  });

  it("applies the EXIF orientation", async () => {
    const original = picture(8, 4);
    const image = await readImage(await toSharp(original).withMetadata({ orientation: 6 }).png().toBuffer());
    expect([image.width, image.height]).toEqual([4, 8]);
    // Orientation 6 turns clockwise: the pixel at the top right comes from the top left.
    expect([...image.data.subarray(3 * 3, 3 * 4)]).toEqual([...original.data.subarray(0, 3)]);
  });

  it("brings 16 bits to 8, grey and colour", async () => {
    const deep = (channels: 1 | 2 | 3) =>
      sharp(new Uint16Array(6 * 4 * channels).fill(0x8040), { raw: { width: 6, height: 4, channels } });
    const grey = await readImage(await deep(1).toColourspace("grey16").png().toBuffer());
    expect(grey).toMatchObject({ channels: 1 });
    const greyAlpha = await readImage(await deep(2).toColourspace("grey16").png().toBuffer());
    expect(greyAlpha).toMatchObject({ channels: 2 });
    const colour = await readImage(await deep(3).toColourspace("rgb16").tiff().toBuffer());
    expect(colour).toMatchObject({ channels: 3 });
    for (const image of [grey, greyAlpha, colour]) expect(new Set(image.data)).toEqual(new Set([0x80]));
  });

  it("converts CMYK, wide gamuts and palettes to sRGB", async () => {
    const flat = sharp({ create: { width: 9, height: 5, channels: 3, background: { r: 200, g: 100, b: 50 } } });
    const files = [
      await flat.clone().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
      await flat.clone().withIccProfile("p3").png().toBuffer(),
      await flat.clone().png({ palette: true }).toBuffer(),
    ];
    for (const file of files) {
      const image = await readImage(file);
      expect(image.channels).toBe(3);
      const nearest = [200, 100, 50].map((value, c) => Math.abs(image.data[c] - value));
      // CMYK has another gamut and comes back only roughly.
      expect(Math.max(...nearest)).toBeLessThan(36);
    }
  });

  it("crops to the middle when asked to", async () => {
    const original = picture(40, 20);
    const image = await readImage(await toSharp(original).png().toBuffer(), { cropToPixels: 200 });
    expect([image.width, image.height]).toEqual([20, 10]);
    const begin = (5 * 40 + 10) * 3;
    expect([...image.data.subarray(0, 60)]).toEqual([...original.data.subarray(begin, begin + 60)]);
  });

  it("refuses what is too large before decoding", async () => {
    // The rest of the file is missing: decoding would fail with another error.
    const large = (await toSharp(picture(300, 200)).png().toBuffer()).subarray(0, 400);
    await expect(readImage(large, { maxPixels: 59_999 })).rejects.toEqual(withCode("image-too-large"));
    await expect(readImage(large, { maxPixels: 60_000 })).rejects.toEqual(withCode("invalid-image"));
  });

  it("names what is wrong with a file", async () => {
    const folder = await temporaryFolder();
    const whole = await toSharp(picture(64, 64)).jpeg().toBuffer();
    const files: [string, Uint8Array | string, string][] = [
      ["notes.png", "These are words, not pixels.\n", "invalid-image"],
      ["empty.jpg", "", "invalid-image"],
      ["cut.jpg", whole.subarray(0, whole.length >> 1), "invalid-image"],
      ["drawing.png", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "invalid-image"],
    ];
    for (const [name, contents, code] of files) {
      const path = join(folder, name);
      await writeFile(path, contents);
      await expect(readImage(path)).rejects.toEqual(withCode(code));
      await expect(readImage(path)).rejects.toThrow(name);
    }
    await expect(readImage(join(folder, "nothing.png"))).rejects.toEqual(withCode("file-not-found"));
    await mkdir(join(folder, "folder.png"));
    await expect(readImage(join(folder, "folder.png"))).rejects.toEqual(withCode("file-unreadable"));
  });

  it("takes a file with faults that decoders get over, tells them, and refuses it where that is wanted", async () => {
    const whole = await toSharp(picture(64, 64)).jpeg({ mozjpeg: false }).toBuffer();
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    const wrongScan = Buffer.from(whole);
    // The end of the spectrum, 63, as some phones do not write it.
    wrongScan[scan + 2 + wrongScan.readUInt16BE(scan + 2) - 2] = 0;
    const extraneous = Buffer.concat([whole.subarray(0, scan), Buffer.alloc(4), whole.subarray(scan)]);
    for (const file of [wrongScan, extraneous]) {
      const told: string[] = [];
      const options = { onConvert: (from: string) => told.push(from) };
      expect(await readImage(file, options)).toEqual(await readImage(whole));
      expect(told).toEqual([expect.stringMatching(/^faults \(.*(SOS|extraneous)/)]);
      await expect(readImage(file, { strict: true })).rejects.toEqual(withCode("invalid-image"));
    }
    await expect(readImage(whole.subarray(0, whole.length >> 1))).rejects.toEqual(withCode("invalid-image"));
  });

  it("keeps a canvas transparent where the only frame does not cover it", async () => {
    const image = await readImage(gif([4, 4], [1, 1, 2, 2]));
    expect(image).toMatchObject({ width: 4, height: 4, channels: 4 });
    const [clear, full] = [
      [0, 0, 0, 0],
      [200, 100, 50, 255],
    ];
    const pixels = Array.from({ length: 16 }, (_, i) => ([5, 6, 9, 10].includes(i) ? full : clear));
    expect([...image.data]).toEqual(pixels.flat());
    const middle = await readImage(gif([4, 4], [0, 0, 3, 3]), { cropToPixels: 4 });
    expect([...middle.data]).toEqual(Array(4).fill([200, 100, 50]).flat());
    const corner = await readImage(gif([4, 4], [0, 0, 2, 2]), { cropToPixels: 4 });
    expect([...corner.data]).toEqual([full, clear, clear, clear].flat());
    expect((await readImage(gif([4, 4], [0, 0, 4, 4]))).channels).toBe(3);

    const frame = await toSharp(picture(8, 8)).png().toBuffer();
    const animation = await sharp([frame, await sharp(frame).negate().png().toBuffer()], { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    const canvas = animation.indexOf("VP8X") + 12;
    animation.writeUIntLE(9, canvas, 3);
    const wide = await readImage(animation);
    expect(wide).toMatchObject({ width: 10, height: 8, channels: 4 });
    expect([...wide.data.subarray(7 * 4, 9 * 4)]).toEqual([...picture(8, 8).data.subarray(21, 24), 255, 0, 0, 0, 0]);
  });

  it("refuses what is no picture of 1 to 4 channels", async () => {
    const files = [
      tiff({ width: 1, channels: 5, extra: 2, samples: Uint8Array.of(1, 2, 3, 4, 5) }),
      tiff({ width: 1, channels: 3, extra: 2, samples: Uint8Array.of(1, 2, 3) }),
      tiff({ width: 1, channels: 6, extra: 3, samples: Uint8Array.of(1, 2, 3, 4, 5, 6) }),
    ];
    for (const file of files) {
      await expect(readImage(file, { name: "layers" })).rejects.toEqual(withCode("invalid-image"));
      await expect(readImageSize(file)).rejects.toEqual(withCode("invalid-image"));
    }
    await expect(readImage(files[0], { name: "layers" })).rejects.toThrow("1 to 4 channels in layers but it has 5");
    const inks = tiff({ width: 1, channels: 5, photometric: 5, extra: 1, samples: Uint8Array.of(9, 9, 9, 9, 77) });
    expect(await readImage(inks)).toMatchObject({ channels: 4 });
  });

  it("ends when the signal is raised", async () => {
    const file = await toSharp(picture(8, 8)).png().toBuffer();
    await expect(readImage(file, { signal: AbortSignal.abort() })).rejects.toEqual(withCode("aborted"));
  });
});
