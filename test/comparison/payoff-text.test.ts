import { expect, test } from "vitest";
import { payoffText } from "../../src/cli/comparison-text.js";
import type { ComparisonReport } from "../../src/comparison/comparison-report.js";
import { defaultModel } from "../../src/models/default-model.js";

const payoff = { quality: 75, metric: "ssimulacra2", value: 70, savedBytes: 400 } as const;

const reportOf = (parent: string | null) =>
  ({
    model: { id: "0123456789abcdef", preset: "photo", bytes: 190_000, receiverBytes: 40_200, parent },
    payoffs: [
      { ...payoff, name: "WebP", images: 101 },
      { ...payoff, name: "AVIF 4:4:4", images: null },
    ],
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
