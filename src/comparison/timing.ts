import { throwIfAborted } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import { loadSharp } from "../node/sharp.js";
import type { CompetitorFacts } from "./competitor.js";
import type { Competitors } from "./competitors.js";
import { ownId } from "./isthmus.js";

/** Speed of a codec on the images that were timed, beside nothing else, on one thread. */
export interface Timing extends CompetitorFacts {
  readonly quality: number;
  /** Medians over the images, in milliseconds. */
  readonly encodeMs: number;
  readonly decodeMs: number;
  /** How many times the time of this codec Isthmus takes. */
  readonly encodeRatio: number;
  readonly decodeRatio: number;
}

const repetitions = 3;
/** A run that takes longer than this is not repeated. */
const patienceMs = 1000;

/** Times codecs, each at one quality, on the same images. Isthmus is among them. Throws `aborted`, or what a codec throws. */
export async function timeCodecs(
  images: readonly DecodedImage[],
  codecs: readonly { readonly facts: CompetitorFacts; readonly quality: number }[],
  competitors: Competitors,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<Timing[]> {
  const sharp = await loadSharp();
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  try {
    const times = [];
    for (const { facts, quality } of codecs) {
      times.push({ facts, quality, ...(await timeCodec(images, facts.id, quality, competitors, signal)) });
      onDone(times.length);
    }
    const own = times.find(({ facts }) => facts.id === ownId)!;
    return times.map(({ facts, quality, encodeMs, decodeMs }) => ({
      ...facts,
      quality,
      encodeMs,
      decodeMs,
      encodeRatio: own.encodeMs / encodeMs,
      decodeRatio: own.decodeMs / decodeMs,
    }));
  } finally {
    sharp.concurrency(threads);
  }
}

async function timeCodec(
  images: readonly DecodedImage[],
  id: string,
  quality: number,
  competitors: Competitors,
  signal: AbortSignal,
): Promise<{ encodeMs: number; decodeMs: number }> {
  const competitor = await competitors.get(id);
  const encode: number[] = [];
  const decode: number[] = [];
  for (const image of images) {
    const runs: { encodeMs: number; decodeMs: number }[] = [];
    for (let run = 0; run <= repetitions; run++) {
      throwIfAborted(signal);
      const start = performance.now();
      const bytes = await competitor.encode(image, quality);
      const middle = performance.now();
      await competitor.decode(bytes);
      runs.push({ encodeMs: middle - start, decodeMs: performance.now() - middle });
      if (performance.now() - start > patienceMs) break;
    }
    // The first run warms up, where there are others.
    const counted = runs.length > 1 ? runs.slice(1) : runs;
    encode.push(median(counted.map(({ encodeMs }) => encodeMs)));
    decode.push(median(counted.map(({ decodeMs }) => decodeMs)));
  }
  return { encodeMs: median(encode), decodeMs: median(decode) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
