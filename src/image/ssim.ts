import type { Image } from "./image.js";
import { luma, type Plane } from "./luma.js";
import { checkPair } from "./psnr.js";

/** Side of the Gaussian window, in samples. */
export const windowSide = 11;
const sigma = 1.5;

/**
 * Structural similarity of two images, at most 1 (Wang, Bovik, Sheikh and Simoncelli 2004, equation 13): over luma (BT.601),
 * with an 11 x 11 Gaussian window of standard deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over all windows that lie wholly
 * inside, without the downsampling of later scripts. Pixels with alpha are seen over black. Where a side is shorter than 11
 * the window shrinks to the largest odd size that fits. Throws `invalid-parameter` where width, height or channels differ.
 */
export function ssim(reference: Image, image: Image): number {
  const [left, right] = checkPair(reference, image);
  return similarity(luma(left), luma(right)).ssim;
}

/** Means over all windows. */
export interface Similarity {
  /** Of luminance * contrast * structure. */
  readonly ssim: number;
  /** Of contrast * structure alone. */
  readonly contrastStructure: number;
}

/** The similarity of two planes of one size. */
export function similarity(left: Plane, right: Plane): Similarity {
  const { width, height } = left;
  const size = Math.min(windowSide, oddAtMost(width), oddAtMost(height));
  const weights = gaussian(size);
  const columns = width - size + 1;
  // Only the rows under the window are kept, so that memory does not grow with the height.
  const ring = Array.from({ length: size }, () => newMoments(columns));
  const samples = newMoments(width);
  /** What a row is blurred from: itself, moved by 0 .. `size` - 1 samples. */
  const moved = samples.map((row) => weights.map((_, k) => row.subarray(k, k + columns)));
  const means = newMoments(columns);
  const sums = { ssim: 0, contrastStructure: 0 };
  for (let y = 0; y < height; y++) {
    readRow(left, right, y, samples);
    for (let m = 0; m < moments; m++) weighedSum(moved[m], weights, ring[y % size][m]);
    if (y < size - 1) continue;
    for (let m = 0; m < moments; m++) {
      const rows = ring.map((_, k) => ring[(y + 1 + k) % size][m]);
      weighedSum(rows, weights, means[m]);
    }
    addSimilarities(means, sums);
  }
  const windows = columns * (height - size + 1);
  return { ssim: sums.ssim / windows, contrastStructure: sums.contrastStructure / windows };
}

/** The moments whose local means SSIM is made of: a, b, a^2 + b^2, a * b. */
const moments = 4;

const newMoments = (length: number): Float64Array[] => Array.from({ length: moments }, () => new Float64Array(length));

function readRow(left: Plane, right: Plane, y: number, [a, b, squares, products]: Float64Array[]): void {
  const start = y * left.width;
  for (let x = 0; x < left.width; x++) {
    a[x] = left.data[start + x];
    b[x] = right.data[start + x];
    squares[x] = a[x] * a[x] + b[x] * b[x];
    products[x] = a[x] * b[x];
  }
}

/** The sum of rows, each times its weight; the weights are the same from both ends. */
function weighedSum(rows: readonly Float64Array[], weights: readonly number[], output: Float64Array): void {
  if (rows.length === windowSide) {
    weighedSumOf11(rows, weights, output);
    return;
  }
  for (let x = 0; x < output.length; x++) {
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum += weights[k] * rows[k][x];
    output[x] = sum;
  }
}

/** The usual window without an inner loop: a third of the time. */
function weighedSumOf11(rows: readonly Float64Array[], weights: readonly number[], output: Float64Array): void {
  const [a, b, c, d, e, f, g, h, i, j, k] = rows;
  const [u, v, w, p, q, r] = weights;
  for (let x = 0; x < output.length; x++) {
    output[x] =
      u * (a[x] + k[x]) + v * (b[x] + j[x]) + w * (c[x] + i[x]) + p * (d[x] + h[x]) + q * (e[x] + g[x]) + r * f[x];
  }
}

function addSimilarities(
  [a, b, squares, products]: Float64Array[],
  sums: { ssim: number; contrastStructure: number },
): void {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  for (let x = 0; x < a.length; x++) {
    const product = a[x] * b[x];
    const sum = a[x] * a[x] + b[x] * b[x];
    const contrastStructure = (2 * (products[x] - product) + c2) / (squares[x] - sum + c2);
    sums.contrastStructure += contrastStructure;
    sums.ssim += (contrastStructure * (2 * product + c1)) / (sum + c1);
  }
}

function gaussian(size: number): number[] {
  const weights = Array.from({ length: size }, (_, k) => Math.exp(-((k - (size - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const oddAtMost = (side: number): number => side - 1 + (side % 2);
