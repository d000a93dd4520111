import { expected } from "../ground/errors.js";

/** Masks of no more levels stay as they are. */
const fewLevels = 16;
const iterations = 6;

/** Throws `invalid-parameter` unless `quality` is a number from 0 to 100. */
export function checkAlphaQuality(quality: number): number {
  if (typeof quality === "number" && quality >= 0 && quality <= 100) return quality;
  throw expected("a number between 0 and 100", "alphaQuality", quality);
}

/**
 * An alpha plane brought to the levels that a quality leaves: 256 at 100, then ever fewer, 16 at 70 and 2 at 0, placed where the samples
 * are (Lloyd 1982). The lowest and the highest level, 0 and 255 always stay what they are.
 */
export function quantizeAlpha(alpha: Uint8Array, quality: number): Uint8Array {
  if (quality >= 100) return alpha;
  const histogram = new Float64Array(256);
  for (const sample of alpha) histogram[sample]++;
  const present = Array.from(histogram.keys()).filter((level) => histogram[level] > 0);
  if (present.length <= fewLevels) return alpha;
  const map = nearestLevels(present, histogram, Math.max(2, levelsAt(quality)));
  return alpha.map((sample) => map[sample]);
}

/** 2 levels at quality 0, 16 at 70, 256 at 100; even on a scale of its own in both parts. */
function levelsAt(quality: number): number {
  return Math.round(quality <= 70 ? 2 + quality / 5 : 16 + (quality - 70) * 8);
}

/**
 * For each sample the level that it is brought to, of `count` between the least and the greatest: of those that go together the most frequent,
 * which a coder may know already.
 */
function nearestLevels(present: readonly number[], histogram: Float64Array, count: number): Uint8Array {
  const [least, greatest] = [present[0], present[present.length - 1]];
  let means = Array.from({ length: count }, (_, i) => least + ((greatest - least) * i) / (count - 1));
  for (let i = 0; i < iterations; i++) means = moved(means, present, histogram);
  const frequent = new Map([
    [0, least],
    [count - 1, greatest],
  ]);
  const places = present.map((sample) => nearest(means, sample));
  present.forEach((sample, i) => {
    const best = frequent.get(places[i]);
    const isFixed = best === least || best === greatest;
    if (best === undefined || (!isFixed && histogram[sample] > histogram[best])) frequent.set(places[i], sample);
  });
  const map = new Uint8Array(256);
  present.forEach((sample, i) => {
    map[sample] = frequent.get(places[i])!;
  });
  map[0] = 0;
  map[255] = 255;
  return map;
}

/** Each level at the mean of the samples that are nearest to it; the outermost stay. */
function moved(levels: readonly number[], present: readonly number[], histogram: Float64Array): number[] {
  const sums = new Float64Array(levels.length);
  const weights = new Float64Array(levels.length);
  for (const sample of present) {
    const at = nearest(levels, sample);
    sums[at] += sample * histogram[sample];
    weights[at] += histogram[sample];
  }
  const outermost = levels.length - 1;
  return levels.map((level, i) => (i === 0 || i === outermost || !weights[i] ? level : sums[i] / weights[i]));
}

function nearest(levels: readonly number[], sample: number): number {
  return levels.reduce((best, level, i) => (Math.abs(level - sample) < Math.abs(levels[best] - sample) ? i : best), 0);
}
