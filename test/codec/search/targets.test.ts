import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Codec } from "../../../src/codec/codec.js";
import type { EncodeOptions } from "../../../src/codec/codec-options.js";
import { inspect } from "../../../src/codec/inspect.js";
import { type Attempt, coarseStepFor, encodingOf, LevelSearch } from "../../../src/codec/search/level-search.js";
import type { Target } from "../../../src/codec/search/targets.js";
import { Pacer } from "../../../src/ground/pacer.js";
import { psnr } from "../../../src/image/psnr.js";
import { ssimulacra2 } from "../../../src/metric/ssimulacra2.js";
import { drawPicture } from "../../reference/pictures.js";
import { goldenModel } from "../../vectors/golden-files.js";

const codec = await Codec.create(goldenModel("photo"));
const image = drawPicture(100, 70, 3, 2);
const levels = Array.from({ length: 256 }, (_, level) => level);

/** Bytes and PSNR of every level; effort takes away a tenth of the bytes and half a decibel. */
const bytesAt = (level: number, effort: number): number => Math.round((200 + 7 * level) * (effort ? 0.9 : 1));
const psnrAt = (level: number, effort: number): number => 25 + level / 20 - (effort ? 0.5 : 0);

type OfLevel = (level: number, effort: number) => number;

async function search(target: Target, effort: number, likenessAt: OfLevel = psnrAt, coarseStep = 15) {
  const tried: string[] = [];
  const attempt: Attempt = async (level, effort) => {
    tried.push(`${level} ${effort}`);
    const likeness = likenessAt(level, effort);
    return encodingOf(new Uint8Array(bytesAt(level, effort)), level, { psnr: likeness, ssimulacra2: likeness });
  };
  const { quality, ssimulacra2 } = await new LevelSearch(target, effort, attempt, new Pacer({}), coarseStep).run();
  return { level: Math.round((quality / 100) * 255), score: ssimulacra2!, tried };
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

  test.each(["bytes", "psnr"] as const)("for %s tries nothing twice, and little at an effort", async (kind) => {
    const { tried } = await search({ kind, goal: kind === "bytes" ? 1000 : 30 }, 5);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.length).toBeLessThan(32);
    expect(tried.filter((attempt) => attempt.endsWith("5")).length).toBeLessThanOrEqual(4);
  });

  describe("where the score falls between levels", () => {
    /** Rises from 10 to 90, with hills and valleys of 5 points and `period` levels. */
    const waves =
      (period: number): OfLevel =>
      (level, effort) =>
        10 + (level * 80) / 255 + 5 * Math.sin((2 * Math.PI * level) / period) - (effort ? 0.3 : 0);

    test.each([64, 100])("with hills of %s levels still finds the smallest that reaches it", async (period) => {
      const scoreAt = waves(period);
      await fc.assert(
        fc.asyncProperty(fc.double({ min: 6, max: 85, noNaN: true }), async (goal) => {
          const { level, score } = await search({ kind: "score", goal }, 0, scoreAt);
          expect(score).toBeGreaterThanOrEqual(goal);
          // The very top of a hill may lie between the levels that are looked at; the next hill is then taken.
          const best = levels.find((level) => scoreAt(level, 0) >= goal)!;
          const sure = levels.find((level) => scoreAt(level, 0) >= goal + 1.5) ?? 255;
          expect(level).toBeGreaterThanOrEqual(best);
          expect(level).toBeLessThanOrEqual(sure);
        }),
      );
    });

    test("in small pictures finds narrow hills", async () => {
      const spikes: OfLevel = (level) => (level % 40 < 3 ? 50 : 20) + 10 * Math.floor(level / 40);
      for (const goal of [45, 55, 65, 95]) {
        const { level } = await search({ kind: "score", goal }, 0, spikes, coarseStepFor({ width: 90, height: 90 }));
        expect(level).toBe(levels.find((level) => spikes(level, 0) >= goal));
      }
    });

    test.each([0, 5])("at effort %s finds one that reaches it though the best quality does not", async (effort) => {
      const peak: OfLevel = (level) => 80 - Math.abs(level - 187) / 4;
      const { level, score } = await search({ kind: "score", goal: 79.9 }, effort, peak);
      expect([level, score]).toEqual([187, 80]);
      const early = await search({ kind: "score", goal: 70 }, effort, peak);
      expect(early.level).toBe(147);
    });

    test("names the best where nothing reaches it", async () => {
      const peak: OfLevel = (level) => 80 - Math.abs(level - 187) / 4;
      await expect(search({ kind: "score", goal: 80.5 }, 0, peak)).rejects.toThrow(
        "Expected at most 80.00 for targetScore but received 80.5: quality 73.3 reaches no more",
      );
    });

    test("keeps the plain stream where effort never reaches what that reached", async () => {
      const worse: OfLevel = (level, effort) => (effort ? 60 : 20 + level / 4);
      const { score, tried } = await search({ kind: "score", goal: 70 }, 5, worse);
      expect(score).toBe(70);
      expect(tried.filter((attempt) => attempt.endsWith("5")).length).toBeLessThan(12);
    });
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

describe("targetScore", () => {
  test.each([
    ["colour", image, 0],
    ["colour", image, 3],
    ["grey", drawPicture(64, 40, 1, 4), 0],
    ["alpha", drawPicture(64, 40, 4, 5), 0],
  ] as const)("of %s is reached, and hardly more (%#)", async (_, picture, effort) => {
    const scoreOf = async (bytes: Uint8Array): Promise<number> => ssimulacra2(picture, await codec.decode(bytes));
    const [low, high] = await Promise.all(
      [0, 100].map(async (quality) => scoreOf(await codec.encode(picture, { quality }))),
    );
    for (const share of [0.3, 0.8]) {
      const targetScore = Math.max(1, low + share * (high - low));
      const reached = await codec.encodeTo(picture, { targetScore, effort });
      expect(reached.ssimulacra2).toBeGreaterThanOrEqual(targetScore);
      expect(reached.ssimulacra2).toBeLessThan(targetScore + 5);
      expect(await scoreOf(reached.bytes)).toBe(reached.ssimulacra2);
      expect(reached).not.toHaveProperty("psnr");
    }
  });

  test("is found in drawn pictures of every kind, wherever some quality reaches it", async () => {
    const drawn = { data: new Uint8Array(40 * 32 * 3), width: 40, height: 32, channels: 3 as const };
    for (let i = 0; i < drawn.data.length; i++) {
      const [x, y] = [Math.floor(i / 3) % 40, Math.floor(i / 120)];
      drawn.data[i] = ((x >> 3) + (y >> 3)) % 2 ? [200, 40, 40][i % 3] : 240;
      // So many colours that latents code it at any quality.
      if (y >= 24) drawn.data[i] = [6 * x, 8 * y, 128][i % 3];
    }
    const scores: number[] = [];
    for (const level of levels) {
      const bytes = await codec.encode(drawn, { quality: level / 2.55 });
      scores.push(await ssimulacra2(drawn, await codec.decode(bytes)));
    }
    const best = Math.max(...scores);
    expect(scores.some((score, i) => i > 0 && score < scores[i - 1])).toBe(true);
    for (const share of [0.2, 0.5, 0.8, 0.99]) {
      const goal = Math.max(0.5, Math.min(...scores) * (1 - share) + best * share);
      const { quality, ssimulacra2: reached } = await codec.encodeTo(drawn, { targetScore: goal });
      expect(reached).toBeGreaterThanOrEqual(goal);
      const lowest = scores.findIndex((score) => score >= goal);
      expect(quality * 2.55).toBeGreaterThanOrEqual(lowest - 0.01);
      expect(quality * 2.55).toBeLessThanOrEqual(lowest + 8);
    }
  });

  test("of 100 is that of a lossless stream", async () => {
    const flat = { data: new Uint8Array(16 * 16 * 3).fill(90), width: 16, height: 16, channels: 3 as const };
    expect(await codec.encodeTo(flat, { targetScore: 100 })).toMatchObject({ ssimulacra2: 100 });
  });

  test("beyond the best quality is an error that names what is reached", async () => {
    const failure = codec.encode(image, { targetScore: 99.9 });
    await expect(failure).rejects.toMatchObject({ code: "target-unreachable" });
    await expect(failure).rejects.toThrow(/^Expected at most -?\d+\.\d\d for targetScore but received 99\.9: quality /);
  });

  test("is refused for pictures below 8 pixels, as pixels and as rows", async () => {
    const sliver = drawPicture(40, 7, 3);
    const message = "Expected at least 8 x 8 pixels for targetScore but received 40 x 7";
    await expect(codec.encode(sliver, { targetScore: 50 })).rejects.toThrow(message);
    const rows = { ...sliver, rows: [sliver.data] };
    await expect(codec.encodeRows(rows, { targetScore: 50 })).rejects.toThrow(message);
  });
});

describe("options that cannot be meant", () => {
  test.each<[string, EncodeOptions]>([
    ["two targets", { targetBytes: 1000, targetPsnr: 30 }],
    ["a score beside a PSNR", { targetScore: 50, targetPsnr: 30 }],
    ["a score beside bytes", { targetScore: 50, targetBytes: 1000 }],
    ["a score beside a quality", { targetScore: 50, quality: 50 }],
    ["a score for a bare frame", { targetScore: 50, bare: true }],
    ["no score", { targetScore: 0 }],
    ["a score above 100", { targetScore: 100.5 }],
    ["a score that is no number", { targetScore: Number.NaN }],
    ["a score as text", { targetScore: "70" as never }],
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
