import { searchQuality } from "../codec/search/quality-search.js";
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

/** Runs a contender with the clock, once it is warm. */
export async function measureContender(image: DecodedImage, contender: Contender, isWarm = false): Promise<Result> {
  const { name, quality } = contender;
  if (!isWarm) await contender.decode(await contender.encode());
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
  const found: Trial[] = [];
  for (const setting of rival.settings) {
    const trial = async (contender: Contender): Promise<Trial> => {
      const stream = await contender.encode();
      const decoded = withChannelsOf(image, await contender.decode(stream));
      return { contender, bytes: stream.length, value: await measureOne(image, decoded) };
    };
    found.push(await nearestTrial(await sharpContender(rival.name, setting, image), trial, target, signal));
  }
  const isNear = ({ value }: Trial): boolean => Math.abs(value - target) < near[metric];
  const candidates = found.some(isNear) ? found.filter(isNear) : found;
  const { contender } = candidates.reduce((best, trial) => (trial.bytes < best.bytes ? trial : best));
  return measureContender(image, contender, true);
}

/** A rival at the quality whose size is nearest to `bytes`, with its first setting. */
export async function atBytes(rival: Rival, image: DecodedImage, bytes: number, signal: AbortSignal): Promise<Result> {
  const trial = async (contender: Contender): Promise<Trial> => {
    const { length } = await contender.encode();
    return { contender, bytes: length, value: length };
  };
  const contenderAt = await sharpContender(rival.name, rival.settings[0], image);
  return measureContender(image, (await nearestTrial(contenderAt, trial, bytes, signal)).contender);
}

/** What a contender reached of what is searched for, which grows with its quality. */
interface Trial {
  readonly contender: Contender;
  readonly bytes: number;
  readonly value: number;
}

/** The trial whose value is nearest to `goal`. Throws `aborted`. */
async function nearestTrial(
  contenderAt: (quality: number) => Contender,
  trial: (contender: Contender) => Promise<Trial>,
  goal: number,
  signal: AbortSignal,
): Promise<Trial> {
  const found = await searchQuality({
    ...{ lowest: lowestQuality, highest: highestQuality, goal, wanted: "nearest" },
    tryAt: (quality) => {
      throwIfAborted(signal);
      return trial(contenderAt(quality));
    },
    valueOf: ({ value }: Trial) => value,
  });
  return found!.tried;
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
