import type { Point } from "./curves.js";

/** Qualities at which a rival is tried before its own are chosen. */
export const ladder: readonly number[] = [1, 8, 20, 35, 50, 65, 80, 90, 96, 100];

/** How far a curve should reach beyond the other's ends, in points and decibels, so that chance at its own ends leaves no gap. */
const margins = { ssimulacra2: 2, psnr: 0.5 };
const spreadBy = ["ssimulacra2", "psnr"] as const;
type Tried = Pick<Point, "quality" | (typeof spreadBy)[number]>;

/**
 * Qualities (whole numbers, ascending) at which a codec covers the likeness of the points of another, by SSIMULACRA 2 as well as by PSNR, judged by the
 * points of `ladder` on a few images: `count` of them, spread evenly over its PSNR between, or fewer where it covers only a part. Never none.
 */
export function chooseQualities(points: readonly Tried[], wanted: readonly Tried[], count: number): number[] {
  const ends = spreadBy.flatMap((metric) => {
    const values = wanted.map((point) => point[metric]).filter((value) => value !== null);
    if (values.length === 0) return [];
    const [low, high] = [Math.min(...values) - margins[metric], Math.max(...values) + margins[metric]];
    return [low, high].map((value) => positionAt(points, metric, value));
  });
  const [low, high] = [Math.min(...ends), Math.max(...ends)].map((position) => valueAt(points, "psnr", position));
  const steps = Math.max(1, count - 1);
  const targets = Array.from({ length: count }, (_, i) => low + ((high - low) * i) / steps);
  const qualities = targets.map((psnr) => Math.round(valueAt(points, "quality", positionAt(points, "psnr", psnr))));
  return [...new Set(qualities)].sort((a, b) => a - b);
}

/** Where the piecewise linear curve through the points first reaches a value, as a fractional index; its nearer end where it never does. */
function positionAt(points: readonly Tried[], key: (typeof spreadBy)[number], value: number): number {
  const after = points.findIndex((point) => point[key]! >= value);
  if (after < 0) return points.length - 1;
  if (after === 0) return 0;
  const [left, right] = [points[after - 1][key]!, points[after][key]!];
  return after - 1 + (value - left) / (right - left);
}

function valueAt(points: readonly Tried[], key: "quality" | "psnr", position: number): number {
  const index = Math.min(Math.floor(position), points.length - 2);
  if (index < 0) return points[0][key];
  return points[index][key] + (points[index + 1][key] - points[index][key]) * (position - index);
}
