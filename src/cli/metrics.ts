import type { DecodedImage } from "../image/image.js";
import { psnr } from "../image/psnr.js";
import { ssim } from "../image/ssim.js";
import { withChannelsOf } from "../image/with-channels.js";

/** PSNR (decibels) and SSIM of a decoded image against its original, in the channels of the original. */
export function measure(original: DecodedImage, decoded: DecodedImage): { psnr: number; ssim: number } {
  const image = withChannelsOf(original, decoded);
  return { psnr: psnr(original, image), ssim: ssim(original, image) };
}
