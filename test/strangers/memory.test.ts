import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { measuredPeak } from "./peak-of.js";
import { peaksAt } from "./peaks.js";

/** The peak of a whole process that uses the built package, beside what SECURITY.md states; `npm run bench:limits` does so at the largest pictures. */

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What garbage collection and the engine need besides. */
const spare = 112 * 2 ** 20;

test.each(await peaksAt(8192))("$name takes no more than is stated", async (peak) => {
  const { bytes, told } = await measuredPeak(peak, root);
  expect(told).toBe(peak.told);
  expect(bytes / 2 ** 20).toBeLessThan((peak.stated + spare) / 2 ** 20);
});
