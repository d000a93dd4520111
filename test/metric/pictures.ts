import { gaussianBlur } from "../../src/image/gaussian-blur.js";
import type { DecodedImage } from "../../src/image/image.js";
import { drawPicture } from "../reference/pictures.js";

/** What may be wrong with a picture. */
export const damages = {
  coarse: (image: DecodedImage): DecodedImage => each(image, (sample) => (sample & 0xe0) + 16),
  blurred: (image: DecodedImage): DecodedImage => gaussianBlur(image, 1.5),
  noisy: (image: DecodedImage): DecodedImage =>
    each(image, (sample, i) => sample + (((i * 2654435761) >>> 13) % 31) - 15),
} as const;

const each = (image: DecodedImage, change: (sample: number, i: number) => number): DecodedImage => ({
  ...image,
  data: image.data.map((sample, i) => Math.max(0, Math.min(255, change(sample, i)))),
});

export const sizes = [
  [160, 120],
  [97, 61],
  [33, 24],
  [8, 9],
] as const;

export const original = (width: number, height: number): DecodedImage => drawPicture(width, height, 3, 2);
