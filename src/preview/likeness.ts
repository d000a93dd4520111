import type { Image } from "../image/image.js";
import { decodePreview } from "./decode-preview.js";
import { encodePreview } from "./encode-preview.js";
import type { PreviewModel } from "./preview-network.js";
import { thumbOf } from "./thumb.js";

/**
 * PSNR in dB of a preview (RGB over black, 8 bits) at 32 pixels on the long side, against the image averaged to that size.
 */
export function previewPsnr(
  image: Image,
  options: { readonly bytes?: number; readonly model?: PreviewModel } = {},
): number {
  const { width, height, planes } = thumbOf(image);
  const { data } = decodePreview(encodePreview(image, options), { model: options.model, width, height });
  let sum = 0;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const decoded = (data[4 * i + c] * data[4 * i + 3]) / 255;
      sum += (decoded - Math.round(planes[c][i] * 255)) ** 2;
    }
  }
  return 10 * Math.log10(255 ** 2 / Math.max(1e-9, sum / (width * height * 3)));
}
