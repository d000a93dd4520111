import { expected, IsthmusError } from "../ground/errors.js";
import { checkImage, type DecodedImage, type Image } from "../image/image.js";
import type { Size } from "../models/tiling.js";
import type { Random } from "../nn/random.js";
import type { Corruption } from "./corruptions/corruption.js";
import type { CropDamage } from "./training-set.js";

/** Stream of random numbers of the first image; the next image has the next below. */
const firstStream = -1000;

/** The damaged picture of image number `index`, for corruptions that are drawn once. */
export async function damagedOf(
  image: DecodedImage,
  index: number,
  corruption: Corruption,
  random: Random,
  seed: number,
): Promise<DecodedImage> {
  random.reseed(seed, firstStream - index);
  return checkDamaged(await corruption.apply(image, random), image);
}

/** For corruptions that are drawn anew for each crop. */
export const cropDamageOf =
  (corruption: Corruption): CropDamage =>
  (crop, random) => {
    const damaged = corruption.apply(crop, random);
    if (damaged instanceof Promise) throw expected("a synchronous apply, where drawn is always,", "corrupt", damaged);
    return checkDamaged(damaged, crop);
  };

function checkDamaged(damaged: Image, { width, height, channels }: DecodedImage): DecodedImage {
  const checked = checkImage(damaged);
  if (checked.width === width && checked.height === height && checked.channels === channels) return checked;
  const received = `${checked.width} x ${checked.height} of ${checked.channels}`;
  throw expected(`${width} x ${height} pixels of ${channels} channels`, "what corrupt returns", received);
}

/** Checks the user's own pairs. Throws `invalid-training-set` where their numbers or sizes differ. */
export function checkInputs(images: readonly Size[], inputs: readonly Size[]): void {
  if (inputs.length !== images.length) {
    throw new IsthmusError(
      "invalid-training-set",
      `Expected an input for each of the ${images.length} images but received ${inputs.length}`,
    );
  }
  inputs.forEach(({ width, height }, i) => {
    const image = images[i];
    if (width === image.width && height === image.height) return;
    throw new IsthmusError(
      "invalid-training-set",
      `Expected ${image.width} x ${image.height} pixels for input ${i + 1}, as its image has, but received ${width} x ${height}`,
    );
  });
}
