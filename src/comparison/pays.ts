import type { RivalDifference } from "./bd-rates.js";
import { type Curve, isExact, type Point } from "./curves.js";
import { axes, type Metric } from "./metrics.js";

/** When a receiver that has loaded a model has loaded fewer bytes in all than with a rival's files. */
export interface Payoff {
  /** Of the rival. */
  readonly name: string;
  /** Where the files are compared: the quality of Isthmus, and what both reach there. */
  readonly quality: number;
  readonly metric: Metric;
  readonly value: number;
  /** Bytes that an image like these takes less, in the mean, than a lossless file of the rival where ours are lossless; null where the rival's curve does not reach that far. */
  readonly savedBytes: number | null;
  /** Images after which the receiver's half of the model is paid for; null where it never is. */
  readonly images: number | null;
}

/** Quality at which files are compared, about: that of encoding where nobody asks for another. */
const usual = 75;

/** One for each rival of the differences, with the setting that serves it best. */
export function payoffs(
  own: Curve,
  rivals: readonly Curve[],
  bdRates: readonly RivalDifference[],
  receiverBytes: number,
): Payoff[] {
  const nearest = own.points.reduce((a, b) => (Math.abs(b.quality - usual) < Math.abs(a.quality - usual) ? b : a));
  const metric: Metric = axes.ssimulacra2.valueOf(nearest) === null ? "psnr" : "ssimulacra2";
  const value = axes[metric].valueOf(nearest)!;
  return bdRates.map(({ name, [metric]: { setting } }) => {
    const curve = rivals.find((rival) => rival.name === name && !rival.lossless && setting.startsWith(rival.setting));
    const lossless = rivals.find((rival) => rival.lossless && rival.name.startsWith(name));
    const bytes = isExact(own) ? lossless?.points[0].bytes : curve && bytesAt(curve.points, metric, value);
    const savedBytes = bytes === undefined ? null : bytes - nearest.bytes;
    const images = savedBytes !== null && savedBytes > 0 ? Math.ceil(receiverBytes / savedBytes) : null;
    return { name, quality: nearest.quality, metric, value, savedBytes, images };
  });
}

/** Bytes at a likeness, between two points of a curve: their logarithm is about linear. Undefined beyond its ends. */
function bytesAt(points: readonly Point[], metric: Metric, value: number): number | undefined {
  const sorted = [...points].sort((a, b) => a.bytes - b.bytes);
  for (let i = 1; i < sorted.length; i++) {
    const [low, high] = [sorted[i - 1], sorted[i]];
    const [from, to] = [low, high].map((point) => axes[metric].valueOf(point)!);
    if (value < from || value > to || from === to) continue;
    const share = (value - from) / (to - from);
    return low.bytes * (high.bytes / low.bytes) ** share;
  }
  return undefined;
}
