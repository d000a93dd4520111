import type { Difference } from "../comparison/bd-rates.js";
import type { ComparisonReport } from "../comparison/comparison-report.js";
import { isExact } from "../comparison/curves.js";
import { axes, metrics } from "../comparison/metrics.js";
import { nameOf } from "./codecs.js";
import { bytesText, table } from "./format.js";
import { scoreText } from "./likeness.js";

/** "-12.3 %"; below zero, Isthmus needs fewer bytes. */
export const percentText = (percent: number): string => `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;

/**
 * "your images, by SSIMULACRA 2: -31.2 % against WebP, -12.0 % against AVIF 4:4:4": the BD-rates by the first metric that has some, in one line; "your
 * images, without loss: 80 bytes each, 198 as WebP lossless" where there is nothing but bytes to compare.
 */
export function headline({ bdRates, curves }: ComparisonReport): string {
  const [own] = curves;
  if (isExact(own)) {
    const bytes = own.points[0].bytes;
    const others = curves
      .filter(({ lossless }) => lossless)
      .map(
        ({ name, points: [point] }) =>
          `, ${point.bytes.toFixed(0)} as ${name} (${percentText(percentOf(bytes, point.bytes))})`,
      );
    return `your images, without loss: ${bytes.toFixed(0)} bytes each${others.join("")}`;
  }
  for (const metric of metrics) {
    const known = bdRates.filter((rate) => rate[metric].percent !== null);
    if (known.length === 0) continue;
    const texts = known.map((rate) => `${percentText(rate[metric].percent!)} against ${rate.name}`);
    return `your images, by ${axes[metric].name}: ${texts.join(", ")}`;
  }
  return "your images: no curve could be compared";
}

const percentOf = (bytes: number, others: number): number => 100 * (bytes / others - 1);

/** "the receiver's 38.1 kB pay for themselves after 61 images like these (against WebP, at equal SSIMULACRA 2), 140 (AVIF)" */
export function payoffText({ model, payoffs, curves: [own] }: ComparisonReport): string {
  const exact = isExact(own);
  // Without loss there may be nothing to set beside it.
  const told = exact ? payoffs.filter(({ savedBytes }) => savedBytes !== null) : payoffs;
  const [first] = told;
  if (!first) return "no rival tells when the model pays for itself";
  const texts = told.map(({ name, images }, i) => {
    const equal = exact ? "without loss" : `at equal ${axes[first.metric].name}`;
    const rival = i === 0 ? `against ${name}, ${equal}` : name;
    return `${images === null ? "never" : `${i === 0 ? "after " : ""}${images}${i === 0 ? " images like these" : ""}`} (${rival})`;
  });
  const beside = model.parent === null ? "" : `, beside ${nameOf(model.parent)} that it has,`;
  return `the receiver's ${bytesText(model.receiverBytes)}${beside} pay for themselves ${texts.join(", ")}`;
}

/** What a comparison found, for a terminal: differences, curves, times and notes. */
export function reportText(report: ComparisonReport): string {
  const { images, model, notes } = report;
  const head =
    `${images.count} images, ${(images.pixels / 1e6).toFixed(2)} megapixels; ` +
    `model ${model.id} of ${bytesText(model.bytes)}${report.effort === null ? "" : `, effort ${report.effort}`}`;
  const sections = [
    head,
    differencesText(report),
    curvesText(report),
    ...timesText(report),
    `${capital(payoffText(report))}.`,
  ];
  return [...sections, ...notes.map((note) => `Note: ${note}.`)].join("\n\n");
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

/** The BD-rates, with the reason where there is none. */
export function differencesText({ bdRates }: ComparisonReport): string {
  const cell = ({ percent }: Difference): string => (percent === null ? "none" : percentText(percent));
  const rows = bdRates.map((rate) => {
    const settings = [...new Set(metrics.map((metric) => rate[metric].setting))];
    return [rate.name, ...metrics.map((metric) => cell(rate[metric])), settings.join("; ")];
  });
  const reasons = bdRates.flatMap((rate) => {
    const reason = metrics.map((metric) => rate[metric].reason).find((text) => text !== undefined);
    return reason ? [`${rate.name}: ${reason}`] : [];
  });
  const [first, ...others] = metrics.map((metric) => axes[metric].name);
  const head = ["Isthmus against", `bytes at equal ${first}`, ...others.map((name) => `at equal ${name}`), "setting"];
  return [table([head, ...rows]), ...reasons].join("\n");
}

function curvesText({ curves }: ComparisonReport): string {
  const rows = curves.flatMap(({ name, setting, points }) =>
    points.map(({ quality, bytes, bpp, ssimulacra2, psnr, ssim, msSsim }) => [
      name === "Isthmus" ? name : `${name}, ${setting}`,
      ...[String(Number(quality.toFixed(1))), bytes.toFixed(0), bpp.toFixed(3)],
      ...[scoreText(ssimulacra2), psnr.toFixed(2), ssim.toFixed(4), msSsim.toFixed(4)],
    ]),
  );
  return table([["codec", "quality", "bytes", "bpp", "SSIMULACRA 2", "PSNR dB", "SSIM", "MS-SSIM"], ...rows]);
}

function timesText({ times }: ComparisonReport): string[] {
  if (times.length === 0) return [];
  const rows = times.map(({ name, setting, quality, encodeMs, decodeMs, encodeRatio, decodeRatio }) => [
    name === "Isthmus" ? name : `${name}, ${setting}`,
    ...[String(Number(quality.toFixed(1))), encodeMs.toFixed(1), decodeMs.toFixed(1)],
    ...[`${encodeRatio.toFixed(2)}x`, `${decodeRatio.toFixed(2)}x`],
  ]);
  const head = ["one thread", "quality", "encode ms", "decode ms", "Isthmus takes", "and"];
  return [table([head, ...rows])];
}
