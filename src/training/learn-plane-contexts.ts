import { splitAlpha } from "../image/alpha.js";
import type { DecodedImage } from "../image/image.js";
import { losslessPicture } from "../image/lossless-picture.js";
import type { Kernels } from "../kernels/kernels.js";
import { type PlaneContexts, planeContextCount } from "../models/plane-contexts.js";
import type { Size } from "../models/tiling.js";
import { Breath } from "./breath.js";
import { type CheckedSource, pixelsOf } from "./gallery.js";
import { lookedAt } from "./set-facts.js";

/** A plane that the coder of planes will meet: alpha, or grey of few levels. */
export interface TrainingPlane extends Size {
  readonly samples: Uint8Array;
}

/** Samples of all planes together; more are thinned out, larger ones cut below. */
const mostSamples = 0x200000;
const largestPlane = 0x100000;
/** Contexts that met fewer bits are left fresh. */
const leastBits = 32;
/** How many bits may stand behind a trained probability. */
const confidences = [1, 2, 5, 12, 30, 80, 255];
const mostSeen = 255;
/** Samples whose trace is gone through without a pause. */
const pieceSamples = 1 << 16;

/** The planes of training images for a model of `channels`, without those of one value. */
export async function trainingPlanes(
  sources: readonly CheckedSource[],
  channels: 1 | 3 | 4,
  breath = new Breath(),
): Promise<TrainingPlane[]> {
  const planes: TrainingPlane[] = [];
  for (const source of lookedAt(sources)) {
    const image = topOf(await pixelsOf(source));
    const { width, height } = image;
    const { few, alpha } = await losslessPicture(splitAlpha(image), channels, breath);
    // A network of four channels codes alpha itself, but for lossless pictures.
    const plane = few?.palette ? undefined : few?.plane;
    const both = plane ? [plane, alpha] : channels === 4 ? [] : [alpha];
    for (const samples of both) {
      if (samples?.some((sample) => sample !== samples[0])) planes.push({ width, height, samples });
    }
    await breath.breathe();
  }
  const total = planes.reduce((sum, { samples }) => sum + samples.length, 0);
  const step = Math.max(1, total / mostSamples);
  return Array.from({ length: Math.ceil(planes.length / step) }, (_, i) => planes[Math.floor(i * step)]);
}

/** The upper rows of an image. */
function topOf(image: DecodedImage): DecodedImage {
  const { data, width, channels } = image;
  const height = Math.min(image.height, Math.max(1, Math.floor(largestPlane / width)));
  return { data: data.subarray(0, height * width * channels), width, height, channels };
}

/**
 * What the contexts should start from: for each the mean of the bits that it meets, and as much confidence in it as makes the planes smallest,
 * when each of them starts anew. Undefined where there are no planes.
 */
export async function trainPlaneContexts(
  kernels: Kernels,
  planes: readonly TrainingPlane[],
  breath = new Breath(),
): Promise<PlaneContexts | undefined> {
  if (planes.length === 0) return undefined;
  const counts = [0, 1].map(() => new Uint32Array(planeContextCount));
  for (const plane of planes) {
    for await (const piece of tracesOf(kernels, plane, breath)) {
      for (const entry of piece) counts[entry & 1][entry >> 1]++;
    }
  }
  const total = counts[0].map((zeros, context) => zeros + counts[1][context]);
  const kept = Int32Array.from(total.keys()).filter((context) => total[context] >= leastBits);
  const means = Float64Array.from(total, (bits, context) => (counts[1][context] + 0.4) / (bits + 0.8));
  return {
    indices: kept,
    probabilities: Uint16Array.from(kept, (context) =>
      Math.min(65535, Math.max(1, Math.round(means[context] * 65536))),
    ),
    seen: await bestConfidences(kernels, planes, means, kept, breath),
  };
}

/** For each kept context the confidence that costs the fewest bits over all planes. */
async function bestConfidences(
  kernels: Kernels,
  planes: readonly TrainingPlane[],
  means: Float64Array,
  kept: Int32Array,
  breath: Breath,
): Promise<Uint8Array> {
  const costs = confidences.map(() => new Float64Array(planeContextCount));
  for (const plane of planes) {
    const state = confidences.map((confidence) => ({
      probability: means.slice(),
      seen: new Uint8Array(planeContextCount).fill(confidence),
    }));
    for await (const piece of tracesOf(kernels, plane, breath)) {
      for (const [i, { probability, seen }] of state.entries()) {
        const cost = costs[i];
        for (const entry of piece) {
          const context = entry >> 1;
          const bit = entry & 1;
          const p = probability[context];
          cost[context] -= Math.log2(Math.max(bit ? p : 1 - p, 1 / 65536));
          probability[context] = p + (2 * (bit - p)) / (2 * seen[context] + 3);
          if (seen[context] < mostSeen) seen[context]++;
        }
        await breath.breathe();
      }
    }
  }
  return Uint8Array.from(kept, (context) => {
    const of = costs.map((cost) => cost[context]);
    return confidences[of.indexOf(Math.min(...of))];
  });
}

/** Twice the context's number plus the bit, for all that the contexts meet in a plane: piece by piece, with breath between them. */
async function* tracesOf(
  { call, memory }: Kernels,
  { samples, width, height }: TrainingPlane,
  breath: Breath,
): AsyncGenerator<Int32Array, void, void> {
  const rows = Math.max(1, Math.floor(pieceSamples / width));
  for (let first = 0; first < height; first += rows) {
    const end = Math.min(height, first + rows);
    const trace = memory.scope(() => {
      // Samples look at those of three rows above.
      const from = Math.max(0, first - 3);
      const plane = memory.place(samples.subarray(from * width, end * width));
      const room = (end - first) * width * 64;
      const output = memory.allocate(room);
      const result = memory.allocate(4);
      call.planeTrace(first - from, end - from, width, plane, output, room, result);
      return memory.i32(output, memory.i32(result, 1)[0]).slice();
    });
    yield trace;
    await breath.breathe();
  }
}
