import { bdRate, type RatePoint } from "../image/bd-rate.js";
import { type Curve, isExact, type Point } from "./curves.js";
import { axes, type Metric, metrics } from "./metrics.js";

/** How many bytes Isthmus needs beside a rival at equal likeness. */
export interface Difference {
  /** The setting of the rival that serves it best. */
  readonly setting: string;
  /** Below zero, Isthmus needs fewer bytes; null where the curves cannot be compared, for the reason given. */
  readonly percent: number | null;
  readonly reason?: string;
  /** Range of the metric (decibels but for SSIMULACRA 2) over which the curves were compared. */
  readonly overlap?: { readonly low: number; readonly high: number };
}

export interface RivalDifference extends Record<Metric, Difference> {
  readonly name: string;
}

/** BD-rates of a curve against every rival, by name; `lossless` is a point at which a rival of that name gives every pixel back. */
export function differences(own: Curve, rivals: readonly Curve[], lossless: Curve | undefined): RivalDifference[] {
  const names = [...new Set(rivals.map(({ name }) => name))];
  return names.map((name) => {
    const settings = rivals.filter((rival) => rival.name === name);
    const ownLossless = lossless?.name.startsWith(name) ? lossless : undefined;
    const best = (metric: Metric): Difference =>
      settings.map((rival) => difference(metric, own, rival, ownLossless)).reduce((a, b) => (worse(b, a) ? b : a));
    const byMetric = Object.fromEntries(metrics.map((metric) => [metric, best(metric)]));
    return { name, ...(byMetric as Record<Metric, Difference>) };
  });
}

/** True where `left` shows Isthmus in a worse light than `right`. */
const worse = (left: Difference, right: Difference): boolean =>
  (left.percent ?? Number.NEGATIVE_INFINITY) > (right.percent ?? Number.NEGATIVE_INFINITY);

function difference(metric: Metric, own: Curve, rival: Curve, lossless: Curve | undefined): Difference {
  const test = envelope(metric, own.points);
  const lossy = envelope(metric, rival.points);
  const anchor = lossless ? withLossless(metric, lossy, lossless.points[0].bpp) : lossy;
  const used = lossless && anchor.some(({ rate }) => rate === lossless.points[0].bpp);
  const setting = used ? `${rival.setting}, or lossless where smaller` : rival.setting;
  if (axes[metric].valueOf(own.points[0]) === null) {
    return { setting, percent: null, reason: `the images are too small for ${axes[metric].name}` };
  }
  if (isExact(own)) return { setting, percent: null, reason: "Isthmus gives every pixel back at every quality" };
  if (test.length < 2) return { setting, percent: null, reason: "the curve of Isthmus has fewer than two points" };
  if (anchor.length < 2) return { setting, percent: null, reason: "its curve has fewer than two points" };
  const low = Math.max(test[0].psnr, anchor[0].psnr);
  const high = Math.min(test[test.length - 1].psnr, anchor[anchor.length - 1].psnr);
  if (low >= high) {
    const { unit } = axes[metric];
    const text = (points: readonly RatePoint[]): string =>
      `${points[0].psnr.toFixed(1)} to ${points[points.length - 1].psnr.toFixed(1)} ${unit}`.trimEnd();
    return { setting, percent: null, reason: `no overlap: Isthmus ${text(test)}, it ${text(anchor)}` };
  }
  return { setting, percent: bdRate(anchor, test), overlap: { low, high } };
}

/** The points that no other beats in both rate and likeness, by ascending rate; `psnr` is the value of the metric. */
function envelope(metric: Metric, points: readonly Point[]): RatePoint[] {
  const all = points.flatMap((point) => {
    const value = axes[metric].valueOf(point);
    return value === null ? [] : [{ rate: point.bpp, psnr: value }];
  });
  const kept: RatePoint[] = [];
  for (const point of all.sort((a, b) => a.rate - b.rate || b.psnr - a.psnr)) {
    if (kept.length === 0 || point.psnr > kept[kept.length - 1].psnr + 1e-6) kept.push(point);
  }
  return kept;
}

/** Whoever may choose sends the lossless file where it is no larger than the lossy one: it holds any likeness, at one rate. */
function withLossless(metric: Metric, lossy: readonly RatePoint[], rate: number): readonly RatePoint[] {
  const { low, high } = axes[metric];
  const smaller = lossy.filter((point) => point.rate < rate);
  if (smaller.length === lossy.length) return lossy;
  const clipped = lossy.slice(smaller.length).map(({ psnr }) => ({ rate, psnr }));
  const start = smaller.length === 0 ? [{ rate, psnr: low }] : smaller;
  const inner = [...start, ...clipped].filter(({ psnr }) => psnr < high);
  return [...inner, { rate, psnr: high }];
}
