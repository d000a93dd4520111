const number = (digits: number) =>
  new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const [whole, one, two, three, four] = [0, 1, 2, 3, 4].map(number);

export const formatBytes = (bytes: number): string =>
  bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${one.format(bytes / 1e3)} kB` : `${two.format(bytes / 1e6)} MB`;

export const formatBits = (bytes: number, pixels: number): string => three.format((bytes * 8) / pixels);

export const formatScore = (score: number): string => one.format(score);

export const formatDecibels = (psnr: number): string => (Number.isFinite(psnr) ? two.format(psnr) : "exact");

export const formatSimilarity = (ssim: number): string => four.format(ssim);

export const formatMilliseconds = (milliseconds: number): string =>
  milliseconds < 9950 ? `${whole.format(milliseconds)} ms` : `${one.format(milliseconds / 1000)} s`;

export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${one.format(seconds / 3600)} h`;
}

export const formatCount = (count: number): string => whole.format(count);

/** "-12.3 %", with a real minus sign. */
export const formatPercent = (percent: number): string =>
  `${percent < 0 ? "−" : "+"}${one.format(Math.abs(percent))} %`;
