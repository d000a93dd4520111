import type { Point } from "./curves.js";

/** Qualities at which a rival is tried before its own are chosen. */
export const ladder: readonly number[] = [1, 8, 20, 35, 50, 65, 80, 90, 96, 100];

/** How far a curve should reach beyond the other's ends, in decibels, so that chance at its own ends leaves no gap. */
const margin = 0.5;

/**
 * Qualities (whole numbers, ascending) whose points are spread evenly over the PSNR from `low` to `high` decibels, judged by the points of
 * `ladder` on a few images: `count` of them, or fewer where the codec covers only a part of that range. Never none.
 */
export function chooseQualities(points: readonly Point[], low: number, high: number, count: number): number[] {
  const steps = Math.max(1, count - 1);
  const targets = Array.from({ length: count }, (_, i) => low - margin + ((high - low + 2 * margin) * i) / steps);
  const qualities = targets.map((psnr) => Math.round(qualityAt(points, psnr)));
  return [...new Set(qualities)].sort((a, b) => a - b);
}

/** Where the piecewise linear curve through the points first reaches `psnr`; its nearer end where it never does. */
function qualityAt(points: readonly Point[], psnr: number): number {
  const after = points.findIndex((point) => point.psnr >= psnr);
  if (after < 0) return points[points.length - 1].quality;
  if (after === 0) return points[0].quality;
  const [left, right] = [points[after - 1], points[after]];
  return left.quality + ((right.quality - left.quality) * (psnr - left.psnr)) / (right.psnr - left.psnr);
}
