import { describe, expect, it } from "vitest";
import { checkpointPath } from "../../src/cli/checkpoint-file.js";
import {
  outcomeWarnings,
  plainPsnr,
  previewWarnings,
  restorationWarnings,
  startText,
  startWarnings,
} from "../../src/cli/verdict.js";
import type { RivalDifference } from "../../src/comparison/bd-rates.js";
import type { ComparisonReport } from "../../src/comparison/comparison-report.js";
import { picture } from "../node/pictures.js";

const rate = (name: string, psnr: number | null): RivalDifference => {
  const [difference, none] = [psnr, null].map((percent) => ({ setting: "", percent }));
  return { name, psnr: difference, msSsim: none, ssimulacra2: none };
};
const comparison = (count: number, ...bdRates: RivalDifference[]) =>
  ({ bdRates, images: { count, skipped: 0, pixels: 1 } }) as unknown as ComparisonReport;
const start = (percent: number | null, isAsGood: boolean, ...bdRates: RivalDifference[]) => ({
  ...{ name: "embedded model", id: "0", metric: "psnr" as const, percent, lossless: null, isAsGood, bdRates },
});

describe("the end of a training", () => {
  it("sets the model beside the one that it began at", () => {
    const theirs = start(30, true, rate("WebP", -17), rate("JPEG", -40));
    expect(startText(theirs, comparison(9, rate("JPEG", 1), rate("WebP", 16.94)))).toMatch(
      /^embedded model, by PSNR: -17\.0 % against WebP, yours: \+16\.9 % \(9 held-back images, few enough for chance\)$/,
    );
    expect(startText(theirs, comparison(40, rate("JPEG", 1), rate("WebP", null)))).toMatch(
      /^embedded model, by PSNR: -40\.0 % against JPEG, yours: \+1\.0 % \(40 held-back images\)$/,
    );
    expect(startText(theirs, comparison(1))).toContain("cannot be compared with yours (1 held-back image");
    expect(startWarnings(theirs)[0]).toMatch(/no better than the embedded model .*\(\+30\.0 % bytes at equal/);
    expect(startWarnings(start(null, true))[0]).toContain("at any size");
    expect(startWarnings(start(-12, false))).toEqual([]);
  });

  it("counts bytes where both models give every pixel back", () => {
    const exact = { ...start(-20, false), lossless: { bytes: 100, trained: 80 } };
    expect(startText(exact, comparison(30))).toBe(
      "embedded model, without loss: 100 bytes each, yours: 80 (30 held-back images)",
    );
  });

  it("tells models that better nothing", () => {
    expect(restorationWarnings({ images: 3, damaged: 20, restored: 19 })[0]).toContain("no better than they were");
    expect(restorationWarnings({ images: 3, damaged: 20, restored: 25 })).toEqual([]);
    expect(previewWarnings({ psnr: 20, embeddedPsnr: 21 })[0]).toContain("no better than the embedded one");
    expect(previewWarnings({ psnr: 22, embeddedPsnr: 21 })).toEqual([]);
  });

  it("keeps its checkpoint under a name that is not too long", () => {
    expect(checkpointPath("folder/my.isthm")).toBe("folder/my.isthm.checkpoint");
    const long = checkpointPath(`folder/${"ä".repeat(124)}.isthm`);
    expect(long).toMatch(/^folder\/[0-9a-f]{32}\.checkpoint$/);
    expect(checkpointPath(`folder/${"ä".repeat(124)}.isthm`)).toBe(long);
  });

  it("tells a training that got nowhere", () => {
    const images = [picture(20, 20), picture(30, 20, 4), picture(20, 20, 1)];
    const plain = plainPsnr(images);
    expect(plain).toBeGreaterThan(5);
    expect(plain).toBeLessThan(20);
    expect(outcomeWarnings(images, 5000, plain + 1)).toEqual([]);
    expect(outcomeWarnings(images, 5000, -3)).toEqual([expect.stringContaining("got nowhere")]);
    expect(outcomeWarnings(images, 1, 30)).toEqual([expect.stringContaining("1 step is too few")]);
    expect(outcomeWarnings(images, 5000, Number.NaN)).toEqual([]);
    const grey = { data: new Uint8Array([0, 255]), width: 2, height: 1, channels: 1 } as const;
    // Every sample is 127.5 off.
    expect(plainPsnr([grey])).toBeCloseTo(10 * Math.log10(4), 10);
  });
});
