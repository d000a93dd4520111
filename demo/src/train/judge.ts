import { bdRate } from "isthmus";
import { decode, encode, encoderOf, likenessOf } from "../coding.js";
import type { OwnModel } from "../models.js";
import type { Picture } from "../pictures/open-picture.js";
import { decodeWith, encodeWith, type RivalId } from "../workers/rivals.js";

interface Point {
  /** Mean bits a pixel. */
  readonly rate: number;
  /** Means over the pictures; no score where one of them is too small for it. */
  readonly score: number | undefined;
  readonly psnr: number;
}

interface Attempt {
  readonly bytes: number;
  readonly image: ImageData;
}

const ownQualities = [0, 25, 50, 75, 100];
const rivalQualities: Readonly<Record<RivalId, readonly number[]>> = {
  jpeg: [5, 20, 40, 60, 75, 88, 96],
  webp: [1, 10, 30, 50, 70, 85, 95],
  avif: [10, 25, 40, 55, 70, 85],
};
const mostPictures = 6;

export interface Verdict {
  readonly rival: RivalId;
  readonly metric: "SSIMULACRA 2" | "PSNR";
  /** BD-rate: bytes of Isthmus beside the rival's at equal likeness, in per cent; undefined where their qualities do not meet. */
  readonly percent: number | undefined;
}

/** As in the reports of the command line: below, one picture would outweigh all others. */
const lowestScore = -50;

/** Points of ascending rate and likeness, on the axis that `bdRate` takes. */
function ascending(points: readonly Point[], metric: Verdict["metric"]): { rate: number; psnr: number }[] {
  const kept: { rate: number; psnr: number }[] = [];
  for (const { rate, score, psnr } of points) {
    const value = metric === "PSNR" ? psnr : score!;
    const last = kept.at(-1);
    if (!last || (value > last.psnr && rate > last.rate)) kept.push({ rate, psnr: value });
  }
  return kept;
}

/** The mean rate and likeness of a codec over pictures, at each quality. */
async function curve(
  pictures: readonly Picture[],
  qualities: readonly number[],
  run: (image: ImageData, quality: number) => Promise<Attempt>,
  signal: AbortSignal,
): Promise<Point[]> {
  const points: Point[] = [];
  for (const quality of qualities) {
    let rate = 0;
    let psnr = 0;
    let score: number | undefined = 0;
    for (const { image } of pictures) {
      const attempt = await run(image, quality);
      rate += (attempt.bytes * 8) / (image.width * image.height) / pictures.length;
      const likeness = await likenessOf(image, attempt.image, signal);
      psnr += Math.min(100, likeness.psnr) / pictures.length;
      const seen = likeness.ssimulacra2;
      score =
        score === undefined || seen === undefined ? undefined : score + Math.max(lowestScore, seen) / pictures.length;
    }
    points.push({ rate, score, psnr });
  }
  return points;
}

/** Compares a model with other codecs on pictures that it has not seen; hands out each verdict as it is reached. */
export async function judge(
  model: OwnModel,
  heldBack: readonly Picture[],
  rivals: readonly RivalId[],
  onVerdict: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<void> {
  const every = Math.max(1, heldBack.length / mostPictures);
  const pictures = heldBack
    .filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every))
    .slice(0, mostPictures);
  const codec = await encoderOf(model);
  const coded = async (image: ImageData, quality: number): Promise<Attempt> => {
    const { bytes } = await encode(codec, image, { quality, signal });
    const decoded = await decode(codec, bytes, { maxPixels: image.width * image.height, signal });
    return { bytes: bytes.length, image: decoded.image };
  };
  const own = await curve(pictures, ownQualities, coded, signal);
  for (const rival of rivals) {
    const rivalled = async (image: ImageData, quality: number): Promise<Attempt> => {
      const { bytes } = await encodeWith(rival, image, quality, signal);
      return { bytes: bytes.length, image: (await decodeWith(rival, bytes, signal)).image };
    };
    const theirs = await curve(pictures, rivalQualities[rival], rivalled, signal);
    const metric = own.every(({ score }) => score !== undefined) ? "SSIMULACRA 2" : "PSNR";
    onVerdict({ rival, metric, percent: difference(ascending(theirs, metric), ascending(own, metric)) });
  }
}

function difference(...curves: Parameters<typeof bdRate>): number | undefined {
  try {
    return bdRate(...curves);
  } catch {
    return undefined;
  }
}
