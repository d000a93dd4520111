import { type DecodedImage, hasAlpha, type Image } from "./image.js";
import { checkPair } from "./psnr.js";

const windowSide = 11;
const sigma = 1.5;
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/** The moments whose local means SSIM is made of, in the order of one row of `blurRow`: x, y, x^2, y^2, x*y. */
const moments = 5;

/**
 * Structural similarity of two images, at most 1 (Wang, Bovik, Sheikh and Simoncelli 2004, equation 13): over luma (BT.601),
 * with an 11 x 11 Gaussian window of standard deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over all windows that lie wholly
 * inside, without the downsampling of later scripts. Pixels with alpha are seen over black. Where a side is shorter than 11
 * the window shrinks to the largest odd size that fits. Throws `invalid-parameter` where width, height or channels differ.
 */
export function ssim(reference: Image, image: Image): number {
  const [left, right] = checkPair(reference, image);
  const { width, height } = left;
  const size = Math.min(windowSide, oddAtMost(width), oddAtMost(height));
  const weights = gaussian(size);
  const columns = width - size + 1;
  // Only the rows under the window are kept, so that memory does not grow with the height.
  const ring = Array.from({ length: size }, () => new Float64Array(columns * moments));
  const means = new Float64Array(columns * moments);
  let sum = 0;
  for (let y = 0; y < height; y++) {
    blurRow(lumaRow(left, y), lumaRow(right, y), weights, ring[y % size]);
    if (y < size - 1) continue;
    means.fill(0);
    for (let k = 0; k < size; k++) {
      const row = ring[(y + 1 + k) % size];
      for (let i = 0; i < means.length; i++) means[i] += weights[k] * row[i];
    }
    sum += sumOfSimilarities(means);
  }
  return sum / (columns * (height - size + 1));
}

/** Writes the horizontally blurred moments of one row, `moments` numbers for each window. */
function blurRow(left: Float64Array, right: Float64Array, weights: Float64Array, output: Float64Array): void {
  output.fill(0);
  for (let k = 0; k < weights.length; k++) {
    for (let x = 0, i = 0; i < output.length; x++, i += moments) {
      const a = left[x + k];
      const b = right[x + k];
      const weight = weights[k];
      output[i] += weight * a;
      output[i + 1] += weight * b;
      output[i + 2] += weight * a * a;
      output[i + 3] += weight * b * b;
      output[i + 4] += weight * a * b;
    }
  }
}

function sumOfSimilarities(means: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < means.length; i += moments) {
    const meanA = means[i];
    const meanB = means[i + 1];
    const varianceA = means[i + 2] - meanA * meanA;
    const varianceB = means[i + 3] - meanB * meanB;
    const covariance = means[i + 4] - meanA * meanB;
    const luminance = (2 * meanA * meanB + c1) / (meanA * meanA + meanB * meanB + c1);
    const structure = (2 * covariance + c2) / (varianceA + varianceB + c2);
    sum += luminance * structure;
  }
  return sum;
}

function lumaRow({ data, width, channels }: DecodedImage, y: number): Float64Array {
  const luma = new Float64Array(width);
  for (let x = 0, i = y * width * channels; x < width; x++, i += channels) {
    const grey = channels <= 2 ? data[i] : 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    luma[x] = hasAlpha(channels) ? (grey * data[i + channels - 1]) / 255 : grey;
  }
  return luma;
}

function gaussian(size: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, k) =>
    Math.exp(-((k - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const oddAtMost = (side: number): number => side - 1 + (side % 2);
