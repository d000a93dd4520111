import { checkImage, type DecodedImage, type Image } from "../../image/image.js";
import type { Random } from "../../nn/random.js";
import { analyse } from "../../preview/spectrum.js";
import { type Thumb, thumbOf } from "../../preview/thumb.js";

/** A picture to learn from: its cosine coefficients and its shape. */
export interface Sample {
  readonly coefficients: Float64Array;
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
}

/** Crops are taken from pictures of this long side. */
const storedSide = 96;
/** Widths and heights. */
const aspects = [
  [1, 1],
  [4, 3],
  [3, 2],
  [16, 9],
  [3, 4],
  [2, 3],
];

/** An image made small, from which crops are drawn. */
export function shrink(image: Image): DecodedImage {
  const { width, height } = checkImage(image);
  if (Math.max(width, height) <= storedSide) return checkImage(image);
  const { planes, ...size } = thumbOf(image, storedSide);
  const data = new Uint8Array(size.width * size.height * 4);
  for (let i = 0; i < size.width * size.height; i++) {
    const alpha = planes[3][i];
    for (let c = 0; c < 3; c++) data[4 * i + c] = alpha > 0 ? Math.round((planes[c][i] / alpha) * 255) : 0;
    data[4 * i + 3] = Math.round(alpha * 255);
  }
  return { data, width: size.width, height: size.height, channels: 4 };
}

/** The whole picture as a sample. */
export const wholeSample = (image: Image): Sample => sampleOf(thumbOf(image));

/** A random crop of a third to all of the picture, mirrored half of the time; of its own shape or of a usual one. */
export function randomSample(image: DecodedImage, random: Random): Sample {
  const { width, height } = image;
  const area = width * height * (0.35 + 0.65 * random.uniform());
  const [across, down] = random.uniform() < 0.4 ? [width, height] : aspects[random.integer(aspects.length)];
  const aspect = across / down;
  const cropWidth = Math.max(1, Math.min(width, Math.round(Math.sqrt(area * aspect))));
  const cropHeight = Math.max(1, Math.min(height, Math.round(cropWidth / aspect)));
  const left = random.integer(width - cropWidth + 1);
  const top = random.integer(height - cropHeight + 1);
  return sampleOf(thumbOf(crop(image, left, top, cropWidth, cropHeight, random.uniform() < 0.5)));
}

function crop(image: DecodedImage, left: number, top: number, width: number, height: number, mirror: boolean) {
  const { data, channels } = image;
  const result = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const column = left + (mirror ? width - 1 - x : x);
      const from = ((top + y) * image.width + column) * channels;
      for (let c = 0; c < channels; c++) result[(y * width + x) * channels + c] = data[from + c];
    }
  }
  return { data: result, width, height, channels };
}

const sampleOf = (thumb: Thumb): Sample => ({
  coefficients: analyse(thumb),
  width: thumb.width,
  height: thumb.height,
  transparent: thumb.transparent,
});
