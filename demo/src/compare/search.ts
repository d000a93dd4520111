export interface Reached {
  readonly quality: number;
  /** False where no quality fits: it is then the closest one. */
  readonly fits: boolean;
}

/** What a file takes and how like the original it is: bytes, SSIMULACRA 2, decibels. */
type Measured = { readonly bytes: number; readonly score: number; readonly psnr: number };
type Kind = keyof Measured;

export type Goal = { readonly bytes: number } | { readonly score: number } | { readonly psnr: number };

const firstQuality = 55;
/** About how much a step of quality changes: ln(bytes), points and decibels. */
const slopes = { bytes: 0.03, score: 0.6, psnr: 0.13 };
/** A file that misses its goal by less than this on the good side is close enough: 0.5 % of bytes, 0.1 points, 0.02 dB. */
const enough = { bytes: 0.005, score: 0.1, psnr: 0.02 };

/** Most times that `measure` is called. */
export const mostSteps = 8;

/**
 * The whole quality 0 .. 100 that is the highest whose file fits the bytes, or the lowest that reaches the score or the PSNR, all of which are
 * taken to grow with quality. Encoding is slow, so the next quality to try is read from the line through the last two, within what is still open.
 */
export async function searchQuality(goal: Goal, measure: (quality: number) => Promise<Measured>): Promise<Reached> {
  const [[kind, wanted]] = Object.entries(goal) as [Kind, number][];
  /** Above zero: too large a file, or a better picture than was asked for. */
  const excess = (measured: Measured): number =>
    kind === "bytes" ? Math.log(measured.bytes / wanted) : measured[kind] - wanted;
  const isBelow = (value: number): boolean => (kind === "bytes" ? value <= 0 : value < 0);
  let low = -1;
  let high = 101;
  let quality = firstQuality;
  let slope = slopes[kind];
  let last: { quality: number; value: number } | undefined;
  for (let step = 0; step < mostSteps && high - low > 1; step++) {
    const value = excess(await measure(quality));
    if (isBelow(value)) low = quality;
    else high = quality;
    const isGood = kind === "bytes" ? isBelow(value) : !isBelow(value);
    if (isGood && Math.abs(value) < enough[kind]) break;
    if (last && last.quality !== quality) slope = Math.max(slope / 4, (value - last.value) / (quality - last.quality));
    last = { quality, value };
    const guess = Math.round(quality - (Number.isFinite(value) ? value / slope : 50 * Math.sign(value)));
    quality = Math.min(high - 1, Math.max(low + 1, guess));
    // A guess that only nibbles at a wide range is as good as none.
    if (step > 3 && high - low > 8) quality = (low + high) >> 1;
  }
  if (kind === "bytes") return low < 0 ? { quality: 0, fits: false } : { quality: low, fits: true };
  return high > 100 ? { quality: 100, fits: false } : { quality: high, fits: true };
}
