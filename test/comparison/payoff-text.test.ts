import { expect, test } from "vitest";
import { headline, payoffText } from "../../src/cli/comparison-text.js";
import type { ComparisonReport } from "../../src/comparison/comparison-report.js";
import { highestPsnr } from "../../src/comparison/metrics.js";
import { defaultModel } from "../../src/models/default-model.js";

const payoff = { quality: 75, metric: "ssimulacra2", value: 70, savedBytes: 400 } as const;

const reportOf = (parent: string | null) =>
  ({
    model: { id: "0123456789abcdef", preset: "photo", bytes: 190_000, receiverBytes: 40_200, parent },
    payoffs: [
      { ...payoff, name: "WebP", images: 101 },
      { ...payoff, name: "AVIF 4:4:4", images: null },
    ],
    curves: [{ points: [{ psnr: 35 }] }],
  }) as unknown as ComparisonReport;

test("a difference is counted beside the parent that receivers have, which is said in words", async () => {
  const after =
    "pay for themselves after 101 images like these (against WebP, at equal SSIMULACRA 2), never (AVIF 4:4:4)";
  expect(payoffText(reportOf(null))).toMatch(/^the receiver's 40,200 bytes pay/);
  expect(payoffText(reportOf(null)).endsWith(after)).toBe(true);
  const { id } = await defaultModel();
  expect(payoffText(reportOf(id))).toBe(`the receiver's 40,200 bytes, beside the embedded model that it has, ${after}`);
  expect(payoffText(reportOf("f".repeat(16)))).toContain(`, beside model ${"f".repeat(16)} that it has,`);
});

test("without loss, bytes are all that is compared", () => {
  const point = { psnr: highestPsnr, ssimulacra2: 100 };
  const report = {
    ...reportOf(null),
    bdRates: [],
    payoffs: [
      { ...payoff, name: "JPEG", savedBytes: null, images: null },
      { ...payoff, name: "WebP", images: 17 },
    ],
    curves: [
      { name: "Isthmus", lossless: false, points: [75, 100].map((quality) => ({ ...point, quality, bytes: 80.4 })) },
      { name: "WebP lossless", lossless: true, points: [{ ...point, bytes: 201 }] },
    ],
  } as unknown as ComparisonReport;
  expect(headline(report)).toBe("your images, without loss: 80 bytes each, 201 as WebP lossless (-60.0 %)");
  expect(payoffText(report)).toBe(
    "the receiver's 40,200 bytes pay for themselves after 17 images like these (against WebP, without loss)",
  );
});
