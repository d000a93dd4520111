import { differences, type RivalDifference } from "../comparison/bd-rates.js";
import type { ComparisonReport } from "../comparison/comparison-report.js";
import { Competitors } from "../comparison/competitors.js";
import { curveOf, isExact } from "../comparison/curves.js";
import { ownFacts, ownId, ownOf } from "../comparison/isthmus.js";
import { axes, type Metric } from "../comparison/metrics.js";
import { runTask, type Sample } from "../comparison/task.js";
import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { colourChannels, type DecodedImage } from "../image/image.js";
import type { Model } from "../index.js";
import { tuneOf } from "../models/configuration.js";
import { percentText } from "./comparison-text.js";
import type { RestorationReport } from "./restoration-report.js";

/** The model that a training is judged beside: where it began, or the embedded one. */
export interface Start {
  readonly name: string;
  readonly model: Model;
}

/** How the start does on the images that the trained model was compared on. */
export interface StartReport {
  readonly name: string;
  readonly id: string;
  /** What both are judged by. */
  readonly metric: Metric;
  readonly bdRates: readonly RivalDifference[];
  /** Bytes of the trained model beside those of the start at equal likeness, in percent; null where their curves do not meet. */
  readonly percent: number | null;
  /** Mean bytes of an image with the start and with the trained model, where both give every pixel back; else null. */
  readonly lossless: { readonly bytes: number; readonly trained: number } | null;
  /** True where the trained model takes hardly fewer bytes, or its curve lies wholly below. */
  readonly isAsGood: boolean;
}

/** From so many held-back images on, a difference is hardly chance. */
const telling = 20;
/** A gain of fewer percent is none. */
const leastGain = 1;
/** Fewer steps teach a model nothing. */
const fewestSteps = 100;

/** What a model is tuned for, unless the images are too small to be judged by it. */
const metricOf = (model: Model, { curves }: ComparisonReport): Metric =>
  tuneOf(model.configuration) === "ssimulacra2" && curves[0].points[0].ssimulacra2 !== null ? "ssimulacra2" : "psnr";

/** Draws the curve of the start over the images of a comparison. Throws `aborted`; undefined where it cannot code one of them. */
export async function compareWithStart(
  { name, model }: Start,
  trained: Model,
  comparison: ComparisonReport,
  images: { readonly paths: readonly string[]; readonly crop?: number },
  signal: AbortSignal,
): Promise<StartReport | undefined> {
  const own = ownOf(model);
  const { paths, ...crop } = images;
  const { curves } = comparison;
  const qualities = curves[0].points.map(({ quality }) => quality);
  const competitors = new Competitors(own);
  const samples: Sample[][] = [];
  try {
    for (const path of paths) {
      throwIfAborted(signal);
      samples.push(await runTask({ path, competitor: ownId, qualities, quick: true, ...crop }, competitors));
    }
  } catch (error) {
    if (!(error instanceof IsthmusError) || error.code === "aborted") throw error;
    return undefined;
  }
  const curve = curveOf(ownFacts(own), samples);
  const rivals = curves.slice(1).filter(({ lossless }) => !lossless);
  const metric = metricOf(trained, comparison);
  const lossless =
    isExact(curve) && isExact(curves[0]) ? { bytes: curve.points[0].bytes, trained: curves[0].points[0].bytes } : null;
  const percent = lossless
    ? 100 * (lossless.trained / lossless.bytes - 1)
    : differences(curves[0], [curve], undefined)[0][metric].percent;
  const [reached, before] = [curves[0], curve].map(({ points }) =>
    Math.max(...points.map((point) => axes[metric].valueOf(point) ?? 0)),
  );
  return {
    name,
    id: model.id,
    metric,
    bdRates: differences(
      curve,
      rivals,
      curves.find(({ lossless }) => lossless),
    ),
    percent,
    lossless,
    isAsGood: percent === null ? reached <= before : percent > -leastGain,
  };
}

/** "embedded model, by PSNR: -12.3 % against WebP, yours: -31.2 % (10 held-back images, few enough for chance)" */
export function startText(start: StartReport, { bdRates, images }: ComparisonReport): string {
  const { metric } = start;
  const few = images.count < telling ? ", few enough for chance" : "";
  const held = `(${images.count} held-back ${images.count === 1 ? "image" : "images"}${few})`;
  if (start.lossless) {
    const { bytes, trained } = start.lossless;
    return `${start.name}, without loss: ${bytes.toFixed(0)} bytes each, yours: ${trained.toFixed(0)} ${held}`;
  }
  const percentOf = (rates: readonly RivalDifference[], name: string): number | null | undefined =>
    rates.find((rate) => rate.name === name)?.[metric].percent;
  const rival = ["WebP", ...bdRates.map(({ name }) => name)].find(
    (name) => typeof percentOf(bdRates, name) === "number" && typeof percentOf(start.bdRates, name) === "number",
  );
  if (rival === undefined) return `${start.name}: its curve cannot be compared with yours ${held}`;
  const [theirs, yours] = [start.bdRates, bdRates].map((rates) => percentText(percentOf(rates, rival)!));
  return `${start.name}, by ${axes[metric].name}: ${theirs} against ${rival}, yours: ${yours} ${held}`;
}

/** Says so where a training came to nothing, beside where it began. */
export function startWarnings({ name, metric, percent, isAsGood }: StartReport): string[] {
  if (!isAsGood) return [];
  const likeness = axes[metric].name;
  const bytes =
    percent === null ? `less ${likeness} at any size` : `${percentText(percent)} bytes at equal ${likeness}`;
  return [
    `your model is no better than the ${name} on the images held back (${bytes}): ` +
      "use that one, or train longer or on more images of one kind",
  ];
}

/** Says so where a training got nowhere. `psnr`: of its last steps, in decibels; NaN where it is not known. */
export function outcomeWarnings(images: readonly DecodedImage[], steps: number, psnr: number): string[] {
  const plain = plainPsnr(images);
  return [
    ...(steps < fewestSteps
      ? [`${steps} ${steps === 1 ? "step is" : "steps are"} too few to learn anything: thousands are usual`]
      : []),
    ...(psnr <= plain
      ? [
          `the training got nowhere: what it makes of its images (${psnr.toFixed(1)} dB) is no closer to them than ` +
            `one plain colour (${plain.toFixed(1)} dB); train longer, or leave options at their defaults`,
        ]
      : []),
  ];
}

/** Says so where a model that restores makes nothing better. */
export const restorationWarnings = ({ damaged, restored }: RestorationReport): string[] =>
  restored > damaged
    ? []
    : ["your model makes the images held back no better than they were: train longer or on more images"];

/** Says so where a model of previews is no better than the embedded one, by PSNR in decibels. */
export const previewWarnings = ({ psnr, embeddedPsnr }: { psnr: number; embeddedPsnr: number }): string[] =>
  psnr > embeddedPsnr
    ? []
    : ["your model is no better than the embedded one on the images held back: use that one, or train on more images"];

/** PSNR of images, in decibels, beside one colour for all of them, the best there is; infinite where they are nothing but that. */
export function plainPsnr(images: readonly DecodedImage[]): number {
  const sums = [0, 0, 0].map(() => ({ count: 0, sum: 0, squares: 0 }));
  for (const { data, channels } of images) {
    const colours = colourChannels(channels);
    for (let pixel = 0; pixel < data.length; pixel += channels) {
      for (let c = 0; c < colours; c++) {
        const of = sums[c];
        of.count++;
        of.sum += data[pixel + c];
        of.squares += data[pixel + c] ** 2;
      }
    }
  }
  const errors = sums.map(({ count, sum, squares }) => (count > 0 ? squares - sum ** 2 / count : 0));
  const count = sums.reduce((all, { count }) => all + count, 0);
  return 10 * Math.log10((255 ** 2 * count) / errors.reduce((all, error) => all + error, 0));
}
