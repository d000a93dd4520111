import { throwIfAborted } from "../ground/errors.js";
import { separateAlpha } from "../image/alpha.js";
import { convertColour } from "../image/channels.js";
import type { DecodedImage } from "../image/image.js";
import { shrink } from "../image/resize.js";
import { createRestorer, type Model, psnr } from "../index.js";
import { loadKernels } from "../kernels/instantiate.js";
import { Random } from "../nn/random.js";
import type { Corruption } from "../training/corruptions/corruption.js";
import { type CheckedSource, pixelsOf } from "../training/gallery.js";

const mostImages = 10;

/** Mean PSNR of held-back images, in decibels. */
export interface RestorationReport {
  readonly images: number;
  readonly damaged: number;
  readonly restored: number;
}

/** An image that was held back, and what it is to be restored from where that is known. */
export interface HeldBack {
  readonly image: CheckedSource;
  readonly input?: CheckedSource | undefined;
}

/**
 * What a restoring model gains on images that it was not trained on: on ten of them, or those that there is time for until `deadline`, in milliseconds
 * of `performance.now`.
 */
export async function measureRestoration(
  model: Model,
  heldBack: readonly HeldBack[],
  corruption: Corruption | undefined,
  signal: AbortSignal,
  deadline = Number.POSITIVE_INFINITY,
): Promise<RestorationReport> {
  const restorer = await createRestorer(model);
  const random = new Random(await loadKernels(), 0);
  const { scale } = model.configuration.restoration!;
  const channels = model.channels === 1 ? 1 : 3;
  const colours = (image: DecodedImage): DecodedImage => convertColour(separateAlpha(image).colour, channels);
  let [images, damagedSum, restoredSum] = [0, 0, 0];
  for (const { image, input } of heldBack.slice(0, mostImages)) {
    throwIfAborted(signal);
    if (images > 0 && performance.now() > deadline) break;
    const clean = wholeCells(colours(await pixelsOf(image)), scale);
    const damaged = input ? colours(await pixelsOf(input)) : await corruption!.apply(clean, random);
    const restored = await restorer.restore(scale > 1 ? shrink(clean, scale) : damaged, { signal });
    damagedSum += psnr(clean, damaged);
    restoredSum += psnr(clean, restored);
    images++;
  }
  return { images, damaged: damagedSum / images, restored: restoredSum / images };
}

/** The picture without the last rows and columns that do not fill a cell of `scale` x `scale` pixels. */
function wholeCells(image: DecodedImage, scale: number): DecodedImage {
  const [width, height] = [image.width, image.height].map((side) => side - (side % scale));
  if (width === image.width && height === image.height) return image;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = y * image.width * channels;
    data.set(image.data.subarray(start, start + width * channels), y * width * channels);
  }
  return { data, width, height, channels };
}
