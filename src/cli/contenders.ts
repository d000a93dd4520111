import { decodePicture, pictureOf, type Rival, type Setting } from "../comparison/rivals.js";
import { throwIfAborted } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import { psnr } from "../image/psnr.js";
import { withChannelsOf } from "../image/with-channels.js";
import { isScorable, ssimulacra2 } from "../metric/ssimulacra2.js";
import { loadSharp } from "../node/sharp.js";
import { type Likeness, measure } from "./likeness.js";

/** A codec that takes part in a comparison, at one quality. */
export interface Contender {
  readonly name: string;
  readonly quality: number;
  encode(): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<DecodedImage>;
}

/** What a contender made of an image. */
export interface Result extends Likeness {
  readonly name: string;
  readonly quality: number;
  readonly bytes: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly decoded: DecodedImage;
}

const lowestQuality = 1;
const highestQuality = 100;

/** Runs a contender, once without and once with the clock. */
export async function measureContender(image: DecodedImage, contender: Contender): Promise<Result> {
  const { name, quality } = contender;
  await contender.decode(await contender.encode());
  const start = performance.now();
  const stream = await contender.encode();
  const middle = performance.now();
  const decoded = await contender.decode(stream);
  const decodeMs = performance.now() - middle;
  return {
    name,
    quality,
    bytes: stream.length,
    encodeMs: middle - start,
    decodeMs,
    decoded,
    ...(await measure(image, decoded)),
  };
}

/** How near a likeness counts as equal: about a step of quality. */
const near = { ssimulacra2: 2, psnr: 0.5 };

/**
 * A rival at the quality whose SSIMULACRA 2 (PSNR, where the image is too small for it) is nearest to that of a result; of several settings, the one
 * with the fewest bytes.
 */
export async function atLikeness(
  rival: Rival,
  image: DecodedImage,
  wanted: Likeness,
  signal: AbortSignal,
): Promise<Result> {
  const metric = isScorable(image) ? "ssimulacra2" : "psnr";
  const measureOne = { ssimulacra2, psnr }[metric];
  const target = wanted[metric]!;
  const results: Result[] = [];
  for (const setting of rival.settings) {
    const score = async (contender: Contender): Promise<number> =>
      measureOne(image, withChannelsOf(image, await contender.decode(await contender.encode())));
    const nearest = await searchQuality(await sharpContender(rival.name, setting, image), score, target, signal);
    results.push(await measureContender(image, nearest));
  }
  const isNear = (result: Result): boolean => Math.abs(result[metric]! - target) < near[metric];
  const candidates = results.some(isNear) ? results.filter(isNear) : results;
  return candidates.reduce((best, result) => (result.bytes < best.bytes ? result : best));
}

/** A rival at the quality whose size is nearest to `bytes`, with its first setting. */
export async function atBytes(rival: Rival, image: DecodedImage, bytes: number, signal: AbortSignal): Promise<Result> {
  const score = async (contender: Contender): Promise<number> => (await contender.encode()).length;
  const contenderAt = await sharpContender(rival.name, rival.settings[0], image);
  return measureContender(image, await searchQuality(contenderAt, score, bytes, signal));
}

/** Bisects for the lowest quality that reaches `target`, then takes it or the one below, whichever is nearer. */
async function searchQuality(
  contenderAt: (quality: number) => Contender,
  score: (contender: Contender) => Promise<number>,
  target: number,
  signal: AbortSignal,
): Promise<Contender> {
  const scores = new Map<number, number>();
  const scoreAt = async (quality: number): Promise<number> => {
    throwIfAborted(signal);
    const known = scores.get(quality) ?? (await score(contenderAt(quality)));
    scores.set(quality, known);
    return known;
  };
  let low = lowestQuality;
  let high = highestQuality;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await scoreAt(middle)) < target) low = middle + 1;
    else high = middle;
  }
  const below = Math.max(lowestQuality, low - 1);
  const isBelowNearer = target - (await scoreAt(below)) < (await scoreAt(low)) - target;
  return contenderAt(isBelowNearer ? below : low);
}

/** A setting of a rival on one image, by quality 1 .. 100. */
export async function sharpContender(
  name: string,
  setting: Setting,
  image: DecodedImage,
): Promise<(quality: number) => Contender> {
  const sharp = await loadSharp();
  return (quality) => ({
    name,
    quality,
    encode: () => setting.apply(pictureOf(sharp, image), quality).toBuffer(),
    decode: (bytes) => decodePicture(sharp, bytes),
  });
}
