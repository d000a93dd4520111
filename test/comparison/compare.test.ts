import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { drawChart } from "../../src/comparison/chart.js";
import { type CompareOptions, type Comparison, compare } from "../../src/comparison/compare.js";
import { reportOf } from "../../src/comparison/comparison-report.js";
import { Competitors } from "../../src/comparison/competitors.js";
import { ownOf } from "../../src/comparison/isthmus.js";
import { lowestScore } from "../../src/comparison/metrics.js";
import { runTask } from "../../src/comparison/task.js";
import type { RunTasks } from "../../src/comparison/task-pool.js";
import { IsthmusError } from "../../src/ground/errors.js";
import type { Channels } from "../../src/image/image.js";
import { type Model, train } from "../../src/index.js";
import { toSharp } from "../node/pictures.js";
import { temporaryFolder } from "../node/temporary-folder.js";
import { drawPicture, drawPictures } from "../reference/pictures.js";

async function files(channels: Channels, count = 2): Promise<string[]> {
  const folder = await temporaryFolder();
  const names = Array.from({ length: count }, (_, i) => join(folder, `${i}.png`));
  for (const [i, name] of names.entries())
    await toSharp(drawPicture(64, 48, channels, i))
      .png()
      .toFile(name);
  return names;
}

const trained = (channels: Channels): Promise<Model> =>
  train(drawPictures(4, 64, 48, channels), { preset: "photo", latents: 16, crop: 48, batch: 4, steps: 4 });

// As in a worker: the threads of a codec would only wait for each other.
sharp.concurrency(1);

/** The tasks one after another, here. */
function optionsFor(model: Model, skipped: string[] = []): CompareOptions {
  const own = ownOf(model);
  const competitors = new Competitors(own);
  const runTasks: RunTasks = async (tasks, onDone) => {
    const results = [];
    for (const task of tasks) {
      results.push(await runTask(task, competitors).catch((error: IsthmusError) => error));
      onDone(results.length);
    }
    return results;
  };
  return {
    ...{ own, qualities: [0, 50, 100], points: 3, times: false, runTasks },
    signal: new AbortController().signal,
    onSkip: (path) => skipped.push(path),
    onProgress: () => {},
  };
}

describe("compare", () => {
  it("draws the curves of Isthmus and its rivals over the same images", async () => {
    const options = optionsFor(await trained(3));
    const comparison = await compare(await files(3), { ...options, times: true });
    expect(comparison.images).toEqual({ count: 2, skipped: 0, pixels: 2 * 64 * 48 });
    expect(comparison.curves.map(({ id }) => id)).toEqual([
      ...["isthmus", "jpeg-420", "jpeg-444", "webp", "avif-iq", "avif-psnr", "jpeg-xl"],
    ]);
    for (const { points } of comparison.curves) {
      expect(points.length).toBeGreaterThan(0);
      for (const { bytes, bpp, ssimulacra2, psnr, ssim, msSsim } of points) {
        expect(bpp).toBeCloseTo((bytes * 8) / (64 * 48), 9);
        expect(ssimulacra2).toBeLessThan(100);
        expect(ssimulacra2).toBeGreaterThanOrEqual(lowestScore);
        for (const value of [psnr, ssim, msSsim]) expect(value).toBeGreaterThan(0);
      }
    }
    expect(comparison.bdRates.map(({ name }) => name)).toEqual(["JPEG (mozjpeg)", "WebP", "AVIF 4:4:4", "JPEG XL"]);
    expect(comparison.times.map(({ id }) => id)).toEqual(comparison.curves.map(({ id }) => id));
    expect(comparison.times[0]).toMatchObject({ encodeRatio: 1, decodeRatio: 1 });

    const report = await reportOf(comparison, options.own);
    const chart = drawChart(report, "Two <drawings> & more");
    expect(chart.match(/SSIMULACRA 2|PSNR|MS-SSIM/g)).toEqual(["SSIMULACRA 2", "PSNR", "MS-SSIM"]);
    expect(chart).toContain("Two &#60;drawings&#62; &#38; more");
    expect(chart).not.toMatch(/NaN|Infinity|undefined/);
    expect(chart.match(/<polyline/g)).toHaveLength(3 * 5);
  });

  it("compares images with alpha among the codecs that hold it, and says so", async () => {
    const skipped: string[] = [];
    const { curves, notes } = await compare(await files(4), optionsFor(await trained(3), skipped));
    expect(skipped).toEqual([]);
    expect(curves.map(({ id }) => id)).toEqual(["isthmus", "webp", "avif-iq", "avif-psnr", "jpeg-xl"]);
    expect(notes.join()).toContain("2 of 2 images have alpha");
  });

  it("compares grey images, and flat art with lossless WebP as well", async () => {
    const folder = await temporaryFolder();
    const flat = drawPicture(64, 48, 1);
    for (let i = 0; i < flat.data.length; i++) flat.data[i] &= 0xc0;
    await toSharp(flat).png().toFile(join(folder, "flat.png"));
    const options = { ...optionsFor(await trained(1)), without: ["jpeg-xl"] };
    const { curves } = await compare([join(folder, "flat.png")], options);
    const lossless = curves.find(({ id }) => id === "webp-lossless");
    expect(lossless?.points).toHaveLength(1);
    expect(lossless?.points[0]).toMatchObject({ ssimulacra2: 100, psnr: 60, ssim: expect.closeTo(1, 6) });
  });

  it("has no SSIMULACRA 2 for images below 8 pixels, and says so", async () => {
    const folder = await temporaryFolder();
    const [small, large] = [join(folder, "small.png"), join(folder, "large.png")];
    await toSharp(drawPicture(40, 6, 3))
      .png()
      .toFile(small);
    await toSharp(drawPicture(64, 48, 3))
      .png()
      .toFile(large);
    const options = { ...optionsFor(await trained(3)), without: ["jpeg-xl", "avif-iq", "avif-psnr"] };
    const alone = await compare([small], { ...options, times: true });
    expect(alone.notes.join()).toContain("the images have a side below 8 pixels and no SSIMULACRA 2");
    expect(alone.curves[0].points[0].ssimulacra2).toBeNull();
    expect(alone.bdRates[0].ssimulacra2).toMatchObject({ percent: null, reason: expect.stringContaining("too small") });
    const chart = drawChart(await reportOf(alone, options.own), "Small");
    expect(chart.match(/SSIMULACRA 2|PSNR|MS-SSIM/g)).toEqual(["PSNR", "MS-SSIM"]);
    const mixed = await compare([small, large], options);
    expect(mixed.notes.join()).toContain("1 of 2 images have a side below 8 pixels");
    const both = await compare([large], options);
    const scoresOf = ({ curves: [{ points }] }: Comparison) => points.map(({ ssimulacra2 }) => ssimulacra2);
    expect(scoresOf(mixed)).toEqual(scoresOf(both));
  });

  it("goes on after a bad image, and gives up where no image is left", async () => {
    const good = await files(3, 2);
    const bad = join(await temporaryFolder(), "bad.png");
    await writeFile(bad, "words");
    const skipped: string[] = [];
    const options = { ...optionsFor(await trained(3), skipped), without: ["jpeg-xl", "avif-iq", "avif-psnr"] };
    const { images } = await compare([good[0], bad, good[1]], options);
    expect(images).toMatchObject({ count: 2, skipped: 1 });
    expect(skipped).toEqual([bad]);
    await expect(compare([bad], options)).rejects.toMatchObject({ code: "invalid-image" });
  });

  it("leaves out images that the model cannot code", async () => {
    const model = await train(drawPictures(4, 16, 16, 3), { preset: "vector", latents: 4, hidden: [16], steps: 5 });
    const folder = await temporaryFolder();
    const fitting = join(folder, "fitting.png");
    await toSharp(drawPicture(16, 16, 3))
      .png()
      .toFile(fitting);
    const skipped: string[] = [];
    const options = { ...optionsFor(model, skipped), without: ["jpeg-xl", "avif-iq", "avif-psnr"] };
    const [other] = await files(3, 1);
    const { images } = await compare([fitting, other], options);
    expect(images).toMatchObject({ count: 1, skipped: 1 });
    expect(skipped).toEqual([other]);
    await expect(compare([other], options)).rejects.toBeInstanceOf(IsthmusError);
  });
});
