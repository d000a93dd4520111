import { convertColour } from "../image/channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import { structuralScores } from "../image/ms-ssim.js";
import { psnr } from "../image/psnr.js";
import { isScorable, ssimulacra2 } from "../metric/ssimulacra2.js";
import { highestPsnr, lowestScore } from "./metrics.js";

export interface Score {
  /** At least `lowestScore`; null where a side is below 8 pixels. */
  readonly ssimulacra2: number | null;
  /** Decibels, at most `highestPsnr`. */
  readonly psnr: number;
  readonly ssim: number;
  readonly msSsim: number;
}

/**
 * How near a decoded image is to its original. An image with alpha is judged as it will be seen: composed on black and on white, the scores,
 * squared errors and similarities of the two averaged. So colour counts as far as it is visible, and errors of alpha count as what they show.
 */
export async function score(original: DecodedImage, decoded: DecodedImage): Promise<Score> {
  const pairs = viewPairs(original, decoded);
  const similarities = pairs.map(([left, right]) => structuralScores(left, right));
  return {
    ...(await likenesses(pairs)),
    ssim: mean(similarities.map(({ ssim }) => ssim)),
    msSsim: mean(similarities.map(({ msSsim }) => msSsim)),
  };
}

/** The scores among those of `score` that are quick to make. */
export const quickScore = (
  original: DecodedImage,
  decoded: DecodedImage,
): Promise<Pick<Score, "ssimulacra2" | "psnr">> => likenesses(viewPairs(original, decoded));

type Pair = readonly [DecodedImage, DecodedImage];

async function likenesses(pairs: readonly Pair[]): Promise<Pick<Score, "ssimulacra2" | "psnr">> {
  const errors = pairs.map(([left, right]) => 255 ** 2 / 10 ** (psnr(left, right) / 10));
  return {
    ssimulacra2: isScorable(pairs[0][0]) ? mean(await Promise.all(pairs.map(boundedScore))) : null,
    psnr: Math.min(highestPsnr, 10 * Math.log10(255 ** 2 / mean(errors))),
  };
}

const boundedScore = async ([left, right]: Pair): Promise<number> =>
  Math.max(lowestScore, await ssimulacra2(left, right));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const backgrounds = [0, 255];

/** Both images in the colours of the original: as they are, or composed on each background where one of them has alpha. */
function viewPairs(original: DecodedImage, decoded: DecodedImage): Pair[] {
  const colours = colourChannels(original.channels);
  if (!hasAlpha(original.channels) && !hasAlpha(decoded.channels)) return [[original, convertColour(decoded, colours)]];
  return backgrounds.map((background) => [
    convertColour(compose(original, background), colours),
    convertColour(compose(decoded, background), colours),
  ]);
}

/** An opaque image of what is seen before a grey background, 0..255. */
function compose(image: DecodedImage, background: number): DecodedImage {
  if (!hasAlpha(image.channels)) return image;
  const { width, height, data, channels } = image;
  const colours = colourChannels(channels);
  const seen = new Uint8Array(width * height * colours);
  for (let pixel = 0, to = 0; pixel < data.length; pixel += channels) {
    const alpha = data[pixel + colours];
    for (let c = 0; c < colours; c++) {
      seen[to++] = Math.round((data[pixel + c] * alpha + background * (255 - alpha)) / 255);
    }
  }
  return { data: seen, width, height, channels: colours };
}
