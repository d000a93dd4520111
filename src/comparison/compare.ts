import { IsthmusError } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import { isScorable } from "../metric/ssimulacra2.js";
import { differences, type RivalDifference } from "./bd-rates.js";
import type { CompetitorFacts } from "./competitor.js";
import { Competitors } from "./competitors.js";
import { type Curve, curveOf } from "./curves.js";
import { needsWholeImages, type OwnModel, ownFacts, ownId } from "./isthmus.js";
import { jpegXl, jpegXlVersion } from "./jpeg-xl.js";
import { likenessOf } from "./metrics.js";
import { readPicture } from "./picture.js";
import { chooseQualities, ladder } from "./qualities.js";
import { sharpCompetitors } from "./rivals.js";
import { type SurveyedImage, spread, survey } from "./survey.js";
import type { Sample, Task } from "./task.js";
import type { RunTasks } from "./task-pool.js";
import { type Timing, timeCodecs } from "./timing.js";

export interface CompareOptions {
  readonly own: OwnModel;
  /** Qualities of Isthmus, ascending. */
  readonly qualities: readonly number[];
  /** Points of every rival. */
  readonly points: number;
  /** Compare on the middle square of this side, in pixels, of larger images. */
  readonly crop?: number;
  /** Rivals to leave out, by id. */
  readonly without?: readonly string[];
  /** False leaves out the pass that times the codecs. */
  readonly times: boolean;
  readonly runTasks: RunTasks;
  readonly signal: AbortSignal;
  readonly onSkip: (path: string, error: IsthmusError) => void;
  /** `fraction` 0..1 of the whole. */
  readonly onProgress: (fraction: number, text: string) => void;
}

export interface Comparison {
  readonly images: { readonly count: number; readonly skipped: number; readonly pixels: number };
  /** What whoever reads the figures should know. */
  readonly notes: readonly string[];
  /** Isthmus first. */
  readonly curves: readonly Curve[];
  readonly bdRates: readonly RivalDifference[];
  readonly times: readonly Timing[];
}

/** Side of the part of each image on which qualities are chosen, pixels of it in all, and images at most. */
const probe = { side: 256, pixels: 1 << 18, most: 8 };
/** Images whose coding is timed, and the side of their middle square. */
const timed = { most: 3, side: 2048 };
/** Shares of the work, for the progress bar. */
const shares = { survey: 0.02, probe: 0.1, curves: 0.8 };

/** Draws the curves of Isthmus and its rivals over the same images. Throws `invalid-image` where none is left, `aborted`, and others. */
export async function compare(paths: readonly string[], options: CompareOptions): Promise<Comparison> {
  const { own, onProgress, signal } = options;
  let skipped = 0;
  const onSkip = (path: string, error: IsthmusError): void => {
    skipped++;
    options.onSkip(path, error);
  };
  const surveyed = await survey(paths, signal, onSkip, (done) =>
    onProgress((shares.survey * done) / paths.length, `looking at image ${done} of ${paths.length}`),
  );
  checkAny(surveyed.length, paths);
  const { rivals, notes } = await chooseRivals(surveyed, options.without ?? []);
  const mine = ownFacts(own);
  const facts = [mine, ...rivals];
  const qualities = await probeQualities(surveyed, facts, options);

  const tasks = surveyed.flatMap(({ path }) =>
    facts.map(({ id }) => ({
      path,
      competitor: id,
      qualities: qualities.get(id)!,
      ...(options.crop !== undefined && { crop: options.crop }),
    })),
  );
  const results = await options.runTasks(tasks, (done) =>
    onProgress(
      shares.survey + shares.probe + (shares.curves * done) / tasks.length,
      `image ${Math.ceil(done / facts.length)} of ${surveyed.length}`,
    ),
  );
  const samplesOf = (image: number): (Sample[] | IsthmusError)[] =>
    results.slice(image * facts.length, (image + 1) * facts.length);
  // A fair comparison has the same images for all: an image that one of the codecs cannot hold counts for none.
  const measured = surveyed.flatMap((image, i) => {
    const samples = samplesOf(i);
    const failure = samples.find((result) => result instanceof IsthmusError);
    if (failure) onSkip(image.path, failure);
    return failure ? [] : [{ image, samples: samples as Sample[][] }];
  });
  checkAny(measured.length, paths);

  const curves = facts.map((codec, i) =>
    curveOf(
      codec,
      measured.map(({ samples }) => samples[i]),
    ),
  );
  const small = measured.filter(({ image }) => !isScorable(image)).length;
  if (small > 0) {
    notes.push(
      small < measured.length
        ? `${small} of ${measured.length} images have a side below 8 pixels and no SSIMULACRA 2: its means are those of the others`
        : "the images have a side below 8 pixels and no SSIMULACRA 2",
    );
  }
  const lossless = curves.find((curve) => curve.lossless);
  const times = options.times
    ? await time(
        measured.map(({ image }) => image),
        curves,
        options,
      )
    : [];
  return {
    images: {
      count: measured.length,
      skipped,
      pixels: measured.reduce((sum, { image }) => sum + image.width * image.height, 0),
    },
    notes,
    curves,
    bdRates: differences(
      curves[0],
      curves.slice(1).filter((curve) => !curve.lossless),
      lossless,
    ),
    times,
  };
}

function checkAny(count: number, paths: readonly string[]): void {
  if (count > 0) return;
  throw new IsthmusError(
    "invalid-image",
    `Expected images to compare codecs on but none of ${paths.length} can be used`,
  );
}

async function chooseRivals(
  images: readonly SurveyedImage[],
  without: readonly string[],
): Promise<{ rivals: CompetitorFacts[]; notes: string[] }> {
  const notes: string[] = [];
  const withAlpha = images.filter(({ alpha }) => alpha).length;
  const flat = images.filter((image) => image.flat).length * 2 > images.length;
  let rivals = sharpCompetitors.filter(({ id, lossless }) => !without.includes(id) && (!lossless || flat));
  if (withAlpha > 0) {
    rivals = rivals.filter(({ keepsAlpha }) => keepsAlpha);
    notes.push(
      `${withAlpha} of ${images.length} images have alpha: JPEG cannot hold it and is left out; likeness is judged before black and before white`,
    );
  }
  if (without.includes(jpegXl.id)) return { rivals, notes };
  if (await jpegXlVersion()) return { rivals: [...rivals, jpegXl], notes };
  notes.push("JPEG XL is left out: npm install @jsquash/jxl adds it");
  return { rivals, notes };
}

/** Finds, on small parts of a few images, the qualities at which the rivals' curves cover that of Isthmus. */
async function probeQualities(
  images: readonly SurveyedImage[],
  facts: readonly CompetitorFacts[],
  { own, qualities, points, runTasks, onProgress }: CompareOptions,
): Promise<Map<string, readonly number[]>> {
  const crop = needsWholeImages(own) ? undefined : probe.side;
  const area = ({ width, height }: SurveyedImage): number =>
    Math.min(width, crop ?? width) * Math.min(height, crop ?? height);
  const largest = Math.max(...images.map(area));
  const chosen = spread(images, Math.max(1, Math.min(probe.most, Math.floor(probe.pixels / largest))));
  const ladderOf = ({ id, lossless }: CompetitorFacts): readonly number[] => {
    if (id === ownId) return [qualities[0], qualities[qualities.length - 1]];
    return lossless ? [100] : ladder;
  };
  const tasks: Task[] = facts.flatMap((codec) =>
    chosen.map(({ path }) => ({
      path,
      competitor: codec.id,
      qualities: ladderOf(codec),
      quick: true,
      ...(crop !== undefined && { crop }),
    })),
  );
  const results = await runTasks(tasks, (done) =>
    onProgress(shares.survey + (shares.probe * done) / tasks.length, "choosing qualities"),
  );
  const curves = facts.map((codec, i) => {
    const samples = results.slice(i * chosen.length, (i + 1) * chosen.length);
    const good = samples.filter((result): result is Sample[] => !(result instanceof IsthmusError));
    if (good.length === 0) throw samples[0];
    return curveOf(codec, good);
  });
  return new Map(
    curves.map(({ id, lossless, points: tried }) => {
      if (id === ownId) return [id, qualities];
      return [id, lossless ? [100] : chooseQualities(tried, curves[0].points, points)];
    }),
  );
}

/** Every codec at the quality whose likeness is nearest to that of Isthmus at its middle quality. */
async function time(
  images: readonly SurveyedImage[],
  curves: readonly Curve[],
  options: CompareOptions,
): Promise<Timing[]> {
  const competitors = new Competitors(options.own);
  const pictures: DecodedImage[] = [];
  const crop = needsWholeImages(options.own) ? undefined : timed.side;
  for (const { path } of spread(images, timed.most)) pictures.push(await readPicture(path, crop));
  const own = curves[0].points;
  const target = likenessOf(own[own.length >> 1]);
  const codecs = curves.map((facts) => {
    const { quality } =
      facts.id === ownId
        ? own[own.length >> 1]
        : facts.points.reduce((best, point) =>
            Math.abs(likenessOf(point) - target) < Math.abs(likenessOf(best) - target) ? point : best,
          );
    const { points: _, ...rest } = facts;
    return { facts: rest, quality };
  });
  const start = shares.survey + shares.probe + shares.curves;
  return timeCodecs(pictures, codecs, competitors, options.signal, (done) =>
    options.onProgress(start + ((1 - start) * done) / codecs.length, "taking times"),
  );
}
