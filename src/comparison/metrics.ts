import type { Point } from "./curves.js";

/** The measures of likeness that curves are compared by, the one that agrees best with people first. */
export const metrics = ["ssimulacra2", "psnr", "msSsim"] as const;
export type Metric = (typeof metrics)[number];

/** A PSNR in decibels that an exact copy counts as, so that means stay finite; no image counts for more. */
export const highestPsnr = 60;

/** The SSIMULACRA 2 that no image counts for less than: below, one picture that nobody would send would outweigh ten others. */
export const lowestScore = -50;

/** MS-SSIM of more than this counts as this: one is no number of decibels. */
const highestMsSsim = 1 - 10 ** (-highestPsnr / 10);

/** The axis on which a metric is drawn and integrated. */
export interface MetricAxis {
  readonly name: string;
  /** Empty where a number says it all. */
  readonly unit: "" | "dB";
  readonly low: number;
  readonly high: number;
  /** Null where there is no value, because images are too small for it. */
  valueOf(point: Pick<Point, Metric>): number | null;
}

export const axes: Readonly<Record<Metric, MetricAxis>> = {
  ssimulacra2: {
    name: "SSIMULACRA 2",
    unit: "",
    low: lowestScore,
    high: 100,
    // Reports of earlier versions have no such field.
    valueOf: ({ ssimulacra2 }) => ssimulacra2 ?? null,
  },
  psnr: { name: "PSNR", unit: "dB", low: 0, high: highestPsnr, valueOf: ({ psnr }) => psnr },
  // -10 log10(1 - MS-SSIM), as is usual in publications on learned compression.
  msSsim: {
    name: "MS-SSIM",
    unit: "dB",
    low: 0,
    high: highestPsnr,
    valueOf: ({ msSsim }) => -10 * Math.log10(1 - Math.min(msSsim, highestMsSsim)),
  },
};

/** How like a point is, by the first metric that has a value. */
export const likenessOf = (point: Pick<Point, "ssimulacra2" | "psnr">): number => point.ssimulacra2 ?? point.psnr;
