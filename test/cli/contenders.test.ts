import { describe, expect, it } from "vitest";
import { searchQuality } from "../../src/cli/contenders.js";

const { signal } = new AbortController();
const qualities = Array.from({ length: 100 }, (_, i) => i + 1);

/** Searches a curve of values by quality 1 .. 100. */
async function search(curve: (quality: number) => number, target: number) {
  const tried: number[] = [];
  const contenderAt = (quality: number) => ({ name: "", quality, encode: () => never, decode: () => never });
  const never = Promise.reject(new Error("nothing is encoded"));
  never.catch(() => undefined);
  const { contender } = await searchQuality(
    contenderAt,
    async (contender) => {
      tried.push(contender.quality);
      return { contender, bytes: 1, value: curve(contender.quality) };
    },
    target,
    signal,
  );
  return { quality: contender.quality, tried };
}

describe("the search for the quality whose value is nearest", () => {
  it.each([
    ["a line", (q: number) => 2 * q],
    ["a score, steep at first and flat at last", (q: number) => 95 - 110 * Math.exp(-q / 25)],
    ["bytes, flat at first and steep at last", (q: number) => 5000 * Math.exp(q / 30)],
    ["stairs", (q: number) => 10 * Math.floor(q / 7)],
  ])("finds it on %s, in few trials", async (_, curve) => {
    for (const share of [0, 0.003, 0.1, 0.25, 0.5, 0.77, 0.9, 0.998, 1]) {
      const target = curve(1) + share * (curve(100) - curve(1));
      const { quality, tried } = await search(curve, target);
      const distances = qualities.map((q) => Math.abs(curve(q) - target));
      expect(Math.abs(curve(quality) - target)).toBeLessThanOrEqual(Math.min(...distances) * 1.1 + 1e-9);
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeLessThanOrEqual(9);
    }
  });

  it("takes fewer trials than the seven of a bisection where the curve is smooth", async () => {
    const curve = (q: number): number => 95 - 110 * Math.exp(-q / 25);
    const counts = await Promise.all(
      [50, 60, 66, 70, 75].map(async (score) => (await search(curve, score)).tried.length),
    );
    expect(counts.reduce((sum, count) => sum + count) / counts.length).toBeLessThan(6);
  });

  it("ends at the ends", async () => {
    expect((await search((q) => q, -5)).quality).toBe(1);
    expect((await search((q) => q, 500)).quality).toBe(100);
  });
});
