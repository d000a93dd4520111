import { joinAlpha, separateAlpha } from "../image/alpha.js";
import { convertColour } from "../image/channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import { psnr } from "../image/psnr.js";
import { ssim } from "../image/ssim.js";

/** PSNR (decibels) and SSIM of a decoded image against its original, in the channels of the original. */
export function measure(original: DecodedImage, decoded: DecodedImage): { psnr: number; ssim: number } {
  const image = withChannelsOf(original, decoded);
  return { psnr: psnr(original, image), ssim: ssim(original, image) };
}

/** A stream without alpha stands for an opaque image, one without colour for a grey one. */
function withChannelsOf(original: DecodedImage, decoded: DecodedImage): DecodedImage {
  if (original.channels === decoded.channels) return decoded;
  const { colour, alpha } = separateAlpha(decoded);
  const converted = convertColour(colour, colourChannels(original.channels));
  if (!hasAlpha(original.channels)) return converted;
  return joinAlpha(converted, alpha ?? new Uint8Array(decoded.width * decoded.height).fill(255));
}
