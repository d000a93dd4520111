import type { Difference } from "../comparison/bd-rates.js";
import type { ComparisonReport } from "../comparison/report.js";
import { bytesText, table } from "./format.js";

/** "-12.3 %"; below zero, Isthmus needs fewer bytes. */
export const percentText = (percent: number): string => `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;

/** "your images: -31.2 % against WebP, -12.0 % against AVIF 4:4:4": the BD-rates by PSNR in one line. */
export function headline({ bdRates }: ComparisonReport): string {
  const known = bdRates.filter(({ psnr }) => psnr.percent !== null);
  if (known.length === 0) return "your images: no curve could be compared";
  return `your images: ${known.map(({ name, psnr }) => `${percentText(psnr.percent!)} against ${name}`).join(", ")}`;
}

/** What a comparison found, for a terminal: differences, curves, times and notes. */
export function reportText(report: ComparisonReport): string {
  const { images, model, notes } = report;
  const head =
    `${images.count} images, ${(images.pixels / 1e6).toFixed(2)} megapixels; ` +
    `model ${model.id} of ${bytesText(model.bytes)}${report.effort === null ? "" : `, effort ${report.effort}`}`;
  const sections = [head, differencesText(report), curvesText(report), ...timesText(report)];
  return [...sections, ...notes.map((note) => `Note: ${note}.`)].join("\n\n");
}

/** The BD-rates, with the reason where there is none. */
export function differencesText({ bdRates }: ComparisonReport): string {
  const cell = ({ percent }: Difference): string => (percent === null ? "none" : percentText(percent));
  const rows = bdRates.map(({ name, psnr, msSsim }) => [name, cell(psnr), cell(msSsim), psnr.setting]);
  const reasons = bdRates.flatMap(({ name, psnr, msSsim }) => {
    const reason = psnr.reason ?? msSsim.reason;
    return reason ? [`${name}: ${reason}`] : [];
  });
  const head = ["Isthmus against", "bytes at equal PSNR", "at equal MS-SSIM", "setting"];
  return [table([head, ...rows]), ...reasons].join("\n");
}

function curvesText({ curves }: ComparisonReport): string {
  const rows = curves.flatMap(({ name, setting, points }) =>
    points.map(({ quality, bytes, bpp, psnr, ssim, msSsim }) => [
      name === "Isthmus" ? name : `${name}, ${setting}`,
      ...[String(Number(quality.toFixed(1))), bytes.toFixed(0), bpp.toFixed(3)],
      ...[psnr.toFixed(2), ssim.toFixed(4), msSsim.toFixed(4)],
    ]),
  );
  return table([["codec", "quality", "bytes", "bpp", "PSNR dB", "SSIM", "MS-SSIM"], ...rows]);
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
