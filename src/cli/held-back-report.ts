import { compare } from "../comparison/compare.js";
import { Pool } from "../comparison/pool.js";
import { type ComparisonReport, reportOf } from "../comparison/report.js";
import { spread } from "../comparison/survey.js";
import type { NamedImage } from "../node/read-images.js";
import type { Report } from "./report.js";

/** Bounds that keep the report within about a minute on two cores. */
const bounds = { pixels: 1_500_000, side: 768 };
const ownQualities = [0, 25, 50, 75, 100];
const rivalPoints = 4;
/** Slow, or no rival by PSNR: `isthmus bench` has them all. */
const leftOut = ["jpeg-xl", "avif-iq"];

/** A quick comparison of a model with JPEG, WebP and AVIF on images that it was not trained on. Throws `aborted`. */
export async function compareOnHeldBack(
  model: Uint8Array,
  images: readonly NamedImage[],
  fixedSize: boolean,
  report: Report,
  signal: AbortSignal,
): Promise<ComparisonReport> {
  const crop = fixedSize ? Number.POSITIVE_INFINITY : bounds.side;
  const largest = Math.max(...images.map(({ width, height }) => Math.min(width, crop) * Math.min(height, crop)));
  const chosen = spread(images, Math.max(2, Math.floor(bounds.pixels / largest)));
  const own = { bytes: model, effort: undefined };
  const pool = new Pool(own, signal);
  try {
    const comparison = await compare(
      chosen.map(({ path }) => path),
      {
        own,
        qualities: ownQualities,
        points: rivalPoints,
        without: leftOut,
        ...(!fixedSize && { crop }),
        times: false,
        runTasks: pool.run,
        signal,
        onSkip: (path, error) => report.warning(`skipped ${path}: ${error.message}`),
        onProgress: (fraction, text) => report.progress.update(fraction, `comparing, ${text}`),
      },
    );
    return await reportOf(comparison, own);
  } finally {
    await pool.close();
  }
}
