import type { CompetitorFacts } from "./competitor.js";
import { highestPsnr } from "./metrics.js";
import type { Sample } from "./task.js";

/** Means over the images of a comparison, at one quality. */
export interface Point {
  readonly quality: number;
  /** Bytes of a whole file. */
  readonly bytes: number;
  readonly bpp: number;
  /** SSIMULACRA 2, over the images that are large enough for it; null where none is. */
  readonly ssimulacra2: number | null;
  /** Decibels. */
  readonly psnr: number;
  readonly ssim: number;
  readonly msSsim: number;
}

/** How a codec trades bytes for likeness. */
export interface Curve extends CompetitorFacts {
  readonly points: readonly Point[];
}

/** True where every image comes back as it was, at every quality: bytes are all that is left to compare. */
export const isExact = ({ points }: Pick<Curve, "points">): boolean => points.every(({ psnr }) => psnr === highestPsnr);

/** Averages the samples of every image, quality by quality. */
export function curveOf(facts: CompetitorFacts, images: readonly (readonly Sample[])[]): Curve {
  const points = images[0].map(({ quality }, i) => {
    const mean = (key: Exclude<keyof Sample, "ssimulacra2">): number =>
      meanOf(images.map((samples) => samples[i][key]));
    const scores = images.map((samples) => samples[i].ssimulacra2).filter((score) => score !== null);
    return {
      quality,
      bytes: mean("bytes"),
      bpp: mean("bpp"),
      ssimulacra2: scores.length > 0 ? meanOf(scores) : null,
      psnr: mean("psnr"),
      ssim: mean("ssim"),
      msSsim: mean("msSsim"),
    };
  });
  return { ...facts, points };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
