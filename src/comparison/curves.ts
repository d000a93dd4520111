import type { CompetitorFacts } from "./competitor.js";
import type { Sample } from "./task.js";

/** Means over the images of a comparison, at one quality. */
export interface Point {
  readonly quality: number;
  /** Bytes of a whole file. */
  readonly bytes: number;
  readonly bpp: number;
  readonly psnr: number;
  readonly ssim: number;
  readonly msSsim: number;
}

/** How a codec trades bytes for likeness. */
export interface Curve extends CompetitorFacts {
  readonly points: readonly Point[];
}

/** Averages the samples of every image, quality by quality. */
export function curveOf(facts: CompetitorFacts, images: readonly (readonly Sample[])[]): Curve {
  const points = images[0].map(({ quality }, i) => {
    const mean = (key: keyof Sample): number =>
      images.reduce((sum, samples) => sum + samples[i][key], 0) / images.length;
    return {
      quality,
      bytes: mean("bytes"),
      bpp: mean("bpp"),
      psnr: mean("psnr"),
      ssim: mean("ssim"),
      msSsim: mean("msSsim"),
    };
  });
  return { ...facts, points };
}
