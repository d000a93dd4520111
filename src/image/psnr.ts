import { IsthmusError } from "../ground/errors.js";
import { checkImage, type DecodedImage, hasAlpha, type Image } from "./image.js";

/**
 * Peak signal-to-noise ratio in decibels over all samples (0..255, every channel, alpha too): 10 log10(255^2 / MSE).
 * `Infinity` where the images are the same. The colour of a pixel that is fully transparent in both images counts as equal.
 * Throws `invalid-parameter` where width, height or channels differ.
 */
export function psnr(reference: Image, image: Image): number {
  const [left, right] = checkPair(reference, image);
  const error = meanSquaredError(left, right);
  return error === 0 ? Infinity : 10 * Math.log10(255 ** 2 / error);
}

function meanSquaredError(left: DecodedImage, right: DecodedImage): number {
  const { channels } = left;
  const colours = hasAlpha(channels) ? channels - 1 : channels;
  let sum = 0;
  for (let pixel = 0; pixel < left.data.length; pixel += channels) {
    const first = colours < channels && left.data[pixel + colours] + right.data[pixel + colours] === 0 ? colours : 0;
    for (let channel = first; channel < channels; channel++) {
      const difference = left.data[pixel + channel] - right.data[pixel + channel];
      sum += difference * difference;
    }
  }
  return sum / left.data.length;
}

/** Checks two images that are to be compared and returns them with `channels` filled in. */
export function checkPair(reference: Image, image: Image): [DecodedImage, DecodedImage] {
  // Both are in memory already.
  const left = checkImage(reference, Number.POSITIVE_INFINITY);
  const right = checkImage(image, Number.POSITIVE_INFINITY);
  if (left.width !== right.width || left.height !== right.height || left.channels !== right.channels) {
    throw new IsthmusError(
      "invalid-parameter",
      `Expected ${describeSize(left)} for image but received ${describeSize(right)}`,
    );
  }
  return [left, right];
}

const describeSize = (image: DecodedImage): string =>
  `${image.width} x ${image.height} pixels of ${image.channels} channel${image.channels === 1 ? "" : "s"}`;
