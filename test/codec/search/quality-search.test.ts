import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCrossing, type QualitySearch, searchQuality } from "../../../src/codec/search/quality-search.js";

const qualities = Array.from({ length: 100 }, (_, i) => i + 1);

type Asked = Pick<QualitySearch<number>, "goal" | "wanted">;

/** Searches a curve of values by quality 1 .. 100. */
async function search(curve: (quality: number) => number, asked: Asked) {
  const tried: number[] = [];
  const found = await searchQuality({
    ...{ lowest: 1, highest: 100, ...asked },
    tryAt: async (quality) => {
      tried.push(quality);
      return curve(quality);
    },
    valueOf: (value: number) => value,
  });
  return { quality: found?.quality, tried };
}

const curves: [string, (quality: number) => number][] = [
  ["a line", (q) => 2 * q],
  ["a score, steep at first and flat at last", (q) => 95 - 110 * Math.exp(-q / 25)],
  ["bytes, flat at first and steep at last", (q) => 5000 * Math.exp(q / 30)],
  ["stairs", (q) => 10 * Math.floor(q / 7)],
];

describe.each(curves)("the search on %s", (_, curve) => {
  const goals = [0, 0.003, 0.1, 0.25, 0.5, 0.77, 0.9, 0.998, 1].map(
    (share) => curve(1) + share * (curve(100) - curve(1)),
  );

  it("finds the quality whose value is nearest, in few trials", async () => {
    for (const goal of goals) {
      const { quality, tried } = await search(curve, { goal, wanted: "nearest" });
      const least = Math.min(...qualities.map((q) => Math.abs(curve(q) - goal)));
      expect(Math.abs(curve(quality!) - goal)).toBeLessThanOrEqual(least * 1.1 + 1e-9);
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeLessThanOrEqual(9);
    }
  });

  it("crosses a goal by halves, exactly", async () => {
    for (const goal of goals) {
      const tried: number[] = [];
      const { below, above } = await findCrossing({
        ...{ lowest: 1, highest: 100 },
        tryAt: async (quality) => {
          tried.push(quality);
          return curve(quality);
        },
        isBelow: (value: number) => value <= goal,
      });
      expect(below?.quality).toBe(qualities.findLast((q) => curve(q) <= goal));
      expect(above?.quality).toBe(qualities.find((q) => curve(q) > goal));
      expect(tried.length).toBeLessThanOrEqual(7);
    }
  });

  it("keeps to its side of the goal, a step from the best at most", async () => {
    for (const goal of goals) {
      const most = await search(curve, { goal, wanted: "atMost" });
      expect(curve(most.quality!)).toBeLessThanOrEqual(goal);
      const fits = qualities.findLast((q) => curve(q) <= goal)!;
      const least = await search(curve, { goal, wanted: "atLeast" });
      expect(curve(least.quality!)).toBeGreaterThanOrEqual(goal);
      const reaches = qualities.find((q) => curve(q) >= goal)!;
      // Stairs are not smooth.
      if (curve === curves[3][1]) continue;
      expect(fits - most.quality!).toBeLessThanOrEqual(1);
      expect(least.quality! - reaches).toBeLessThanOrEqual(1);
    }
  });

  it("says where nothing fits or reaches, and ends at the ends", async () => {
    expect((await search(curve, { goal: curve(1) - 1, wanted: "atMost" })).quality).toBe(undefined);
    expect((await search(curve, { goal: curve(100) + 1, wanted: "atLeast" })).quality).toBe(undefined);
    expect((await search(curve, { goal: curve(1) - 5, wanted: "nearest" })).quality).toBe(1);
    expect((await search(curve, { goal: curve(100) + 500, wanted: "nearest" })).quality).toBe(100);
    expect((await search(curve, { goal: curve(100), wanted: "atMost" })).quality).toBe(100);
  });
});

it("takes fewer trials than the seven of halving where the curve is smooth", async () => {
  const curve = curves[1][1];
  const counts = await Promise.all(
    [50, 60, 66, 70, 75].map(async (goal) => (await search(curve, { goal, wanted: "nearest" })).tried.length),
  );
  expect(counts.reduce((sum, count) => sum + count) / counts.length).toBeLessThan(6);
});

it("finds its way over any rising values", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 100, maxLength: 100 }),
      fc.integer({ min: -1, max: 901 }),
      async (steps, goal) => {
        let sum = 0;
        const values = steps.map((step) => {
          sum += step;
          return sum;
        });
        const curve = (quality: number): number => values[quality - 1];
        const fits = await search(curve, { goal, wanted: "atMost" });
        expect(fits.quality === undefined).toBe(curve(1) > goal);
        if (fits.quality !== undefined) expect(curve(fits.quality)).toBeLessThanOrEqual(goal);
        const { quality } = await search(curve, { goal, wanted: "atLeast" });
        expect(quality === undefined).toBe(curve(100) < goal);
        if (quality !== undefined) expect(curve(quality)).toBeGreaterThanOrEqual(goal);
      },
    ),
  );
});
