import type { DecodedImage } from "../image/image.js";
import { psnr } from "../image/psnr.js";
import { ssim } from "../image/ssim.js";
import { withChannelsOf } from "../image/with-channels.js";
import { isScorable, ssimulacra2 } from "../metric/ssimulacra2.js";

export interface Likeness {
  /** Null where a side is below 8 pixels. */
  readonly ssimulacra2: number | null;
  /** Decibels. */
  readonly psnr: number;
  readonly ssim: number;
}

/** How like a decoded image is to its original, in the channels of the original. */
export async function measure(original: DecodedImage, decoded: DecodedImage): Promise<Likeness> {
  const image = withChannelsOf(original, decoded);
  return {
    ssimulacra2: isScorable(original) ? await ssimulacra2(original, image) : null,
    psnr: psnr(original, image),
    ssim: ssim(original, image),
  };
}

/** "71.23", or what is said of a picture that is too small for a score. */
export const scoreText = (score: number | null): string => (score === null ? "too small" : score.toFixed(2));
