import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Codec } from "../../src/codec/codec.js";
import { inspect } from "../../src/codec/inspect.js";
import type { EncodeOptions } from "../../src/codec/options.js";
import { type Attempt, encodingOf, LevelSearch, type Target } from "../../src/codec/targets.js";
import { psnr } from "../../src/image/psnr.js";
import { Pacer } from "../../src/pacer.js";
import { drawPicture } from "../reference/pictures.js";
import { goldenModel } from "../vectors/golden-files.js";

const codec = await Codec.create(goldenModel("photo"));
const image = drawPicture(100, 70, 3, 2);
const levels = Array.from({ length: 256 }, (_, level) => level);

/** Bytes and PSNR of every level; effort takes away a tenth of the bytes and half a decibel. */
const bytesAt = (level: number, effort: number): number => Math.round((200 + 7 * level) * (effort ? 0.9 : 1));
const psnrAt = (level: number, effort: number): number => 25 + level / 20 - (effort ? 0.5 : 0);

async function search(target: Target, effort: number): Promise<{ level: number; tried: string[] }> {
  const tried: string[] = [];
  const attempt: Attempt = async (level, effort) => {
    tried.push(`${level} ${effort}`);
    return encodingOf(new Uint8Array(bytesAt(level, effort)), level, psnrAt(level, effort));
  };
  const { quality } = await new LevelSearch(target, effort, attempt, new Pacer({})).run();
  return { level: Math.round((quality / 100) * 255), tried };
}

describe("the search for a level", () => {
  test.each([0, 5])("at effort %s finds the best that fits into bytes", async (effort) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: bytesAt(0, effort), max: 2500 }), async (goal) => {
        const best = levels.findLast((level) => bytesAt(level, effort) <= goal);
        expect((await search({ kind: "bytes", goal }, effort)).level).toBe(best);
      }),
    );
  });

  test.each([0, 5])("at effort %s finds the smallest that reaches a PSNR", async (effort) => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 20, max: psnrAt(255, effort), noNaN: true }), async (goal) => {
        const best = levels.find((level) => psnrAt(level, effort) >= goal);
        expect((await search({ kind: "psnr", goal }, effort)).level).toBe(best);
      }),
    );
  });

  test("tries nothing twice, and little at an effort", async () => {
    const { tried } = await search({ kind: "bytes", goal: 1000 }, 5);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.filter((attempt) => attempt.endsWith("5")).length).toBeLessThanOrEqual(4);
  });
});

describe("targetBytes", () => {
  test.each([0, 3])("at effort %s is used up, but not exceeded", async (effort) => {
    const [least, most] = await Promise.all([0, 100].map((quality) => codec.encode(image, { quality, effort })));
    for (const share of [0.1, 0.5, 0.9]) {
      const targetBytes = Math.round(least.length + share * (most.length - least.length));
      const { bytes, quality } = await codec.encodeTo(image, { targetBytes, effort });
      expect(bytes.length).toBeLessThanOrEqual(targetBytes);
      expect(bytes.length).toBeGreaterThan(0.9 * targetBytes);
      expect(bytes).toEqual(await codec.encode(image, { quality, effort }));
      expect(bytes).toEqual(await codec.encode(image, { targetBytes, effort }));
      expect(inspect(bytes)).toMatchObject({ quality });
    }
  });

  test("beyond what the best quality needs gives the best quality", async () => {
    expect(await codec.encodeTo(image, { targetBytes: 1e6 })).toMatchObject({ quality: 100 });
  });

  test("counts the alpha plane and the metadata in", async () => {
    const picture = drawPicture(60, 50, 4, 3);
    const metadata = { icc: new Uint8Array(150).fill(7) };
    const { length } = await codec.encode(picture, { quality: 60, metadata });
    const { bytes } = await codec.encodeTo(picture, { targetBytes: length, metadata });
    expect(bytes.length).toBeLessThanOrEqual(length);
    expect(bytes.length).toBeGreaterThan(length - 20);
  });

  test("below what the lowest quality needs is an error that names it", async () => {
    const { length } = await codec.encode(image, { quality: 0 });
    const failure = codec.encode(image, { targetBytes: length - 1 });
    await expect(failure).rejects.toMatchObject({ code: "target-unreachable" });
    await expect(failure).rejects.toThrow(`${length} bytes`);
    expect((await codec.encodeTo(image, { targetBytes: length })).bytes.length).toBe(length);
  });
});

describe("targetPsnr", () => {
  test.each([
    ["colour", image, 0],
    ["colour", image, 3],
    ["grey", drawPicture(64, 40, 1, 4), 0],
    ["alpha", drawPicture(64, 40, 4, 5), 0],
  ] as const)("of %s is reached, and hardly more (%#)", async (_, picture, effort) => {
    const qualities = [10, 60];
    for (const quality of qualities) {
      const decoded = await codec.decode(await codec.encode(picture, { quality }));
      const targetPsnr = psnr(picture, decoded) - 0.01;
      const reached = await codec.encodeTo(picture, { targetPsnr, effort });
      expect(reached.psnr).toBeGreaterThanOrEqual(targetPsnr);
      expect(reached.psnr).toBeLessThan(targetPsnr + 0.5);
      expect(psnr(picture, await codec.decode(reached.bytes))).toBe(reached.psnr);
    }
  });

  test("beyond the best quality is an error that names what that reaches", async () => {
    const best = psnr(image, await codec.decode(await codec.encode(image, { quality: 100 })));
    const failure = codec.encode(image, { targetPsnr: 90 });
    await expect(failure).rejects.toMatchObject({ code: "target-unreachable" });
    await expect(failure).rejects.toThrow(`${best.toFixed(2)} dB`);
  });
});

describe("options that cannot be meant", () => {
  test.each<[string, EncodeOptions]>([
    ["two targets", { targetBytes: 1000, targetPsnr: 30 }],
    ["a target beside a quality", { targetBytes: 1000, quality: 50 }],
    ["a PSNR beside a quality", { targetPsnr: 30, quality: 50 }],
    ["a target for a bare frame", { targetBytes: 1000, bare: true }],
    ["no bytes", { targetBytes: 0 }],
    ["parts of bytes", { targetBytes: 1000.5 }],
    ["bytes that are no number", { targetBytes: Number.NaN }],
    ["endless bytes", { targetBytes: Number.POSITIVE_INFINITY }],
    ["bytes as text", { targetBytes: "1000" as never }],
    ["a PSNR below zero", { targetPsnr: -1 }],
    ["a PSNR that is no number", { targetPsnr: Number.NaN }],
    ["an endless PSNR", { targetPsnr: Number.POSITIVE_INFINITY }],
  ])("%s: refused", async (_, options) => {
    await expect(codec.encode(image, options)).rejects.toMatchObject({ code: "invalid-parameter" });
    const rows = { ...image, rows: [image.data] };
    await expect(codec.encodeRows(rows, options)).rejects.toMatchObject({ code: "invalid-parameter" });
  });
});

test("rows that arrive in pieces lead to the same bytes as the image", async () => {
  const options = { targetBytes: 1000 };
  const rows = await codec.encodeRows({ ...image, rows: [image.data] }, options);
  expect(rows).toEqual(await codec.encode(image, options));
});
