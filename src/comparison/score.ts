import { convertColour } from "../image/channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import { structuralScores } from "../image/ms-ssim.js";
import { psnr } from "../image/psnr.js";

/** A PSNR in decibels that an exact copy counts as, so that means stay finite; no image counts for more. */
export const highestPsnr = 60;

export interface Score {
  /** Decibels, at most `highestPsnr`. */
  readonly psnr: number;
  readonly ssim: number;
  readonly msSsim: number;
}

/**
 * How near a decoded image is to its original. An image with alpha is judged as it will be seen: composed on black and on white, the squared
 * errors and similarities of the two averaged. So colour counts as far as it is visible, and errors of alpha count as what they show.
 */
export function score(original: DecodedImage, decoded: DecodedImage): Score {
  const pairs = viewPairs(original, decoded).map(([left, right]) => ({
    error: 255 ** 2 / 10 ** (psnr(left, right) / 10),
    ...structuralScores(left, right),
  }));
  const mean = (of: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  return {
    psnr: psnrOfError(mean(({ error }) => error)),
    ssim: mean(({ ssim }) => ssim),
    msSsim: mean(({ msSsim }) => msSsim),
  };
}

/** The PSNR of `score` alone, which is much quicker. */
export function scorePsnr(original: DecodedImage, decoded: DecodedImage): number {
  const errors = viewPairs(original, decoded).map(([left, right]) => 255 ** 2 / 10 ** (psnr(left, right) / 10));
  return psnrOfError(errors.reduce((sum, error) => sum + error, 0) / errors.length);
}

const psnrOfError = (error: number): number => Math.min(highestPsnr, 10 * Math.log10(255 ** 2 / error));

const backgrounds = [0, 255];

/** Both images in the colours of the original: as they are, or composed on each background where one of them has alpha. */
function viewPairs(original: DecodedImage, decoded: DecodedImage): [DecodedImage, DecodedImage][] {
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
