import type { DecodedImage } from "../image/image.js";
import type { Size } from "../models/tiling.js";
import { Breath } from "./breath.js";
import { type CheckedSource, pixelsOf, prepareImage } from "./gallery.js";

/** Sides of the patches of the photo preset. */
export const patchSides = [8, 16] as const;
export type PatchSide = (typeof patchSides)[number];

/** Squared error of a sample (0 .. 1) at which rates are compared: 34 dB. */
const distortion = 0.0003981071705534973;
/** Patches of 16 must save so much of the rate that patches of 8 need. Photos of all kinds save 10 %, X-rays 29 %. */
const saving = 0.2;
/** Patches of 16 looked at, evenly spread over the images. */
const mostPatches = 4000;

/**
 * The side of patches that suits grey images: 16 where they are so smooth that the larger patch takes much less rate. The rate is that of
 * independent Gaussians with the variances of the patches' cosine transform (reverse water-filling: Cover & Thomas 2006, section 10.3).
 */
export async function patchSideFor(
  images: readonly CheckedSource[],
  breath: Breath = new Breath(),
): Promise<PatchSide> {
  const [small, large] = patchSides;
  const counts = images.map((image) => cornersOf(image, large).length);
  const every = Math.ceil(counts.reduce((sum, count) => sum + count, 0) / mostPatches);
  const patches: Float64Array[] = [];
  let before = 0;
  for (const [i, source] of images.entries()) {
    const corners = cornersOf(source, large).filter((_, at) => (before + at) % every === 0);
    before += counts[i];
    if (corners.length === 0) continue;
    const image = prepareImage(await pixelsOf(source), 1);
    for (const { x, y } of corners) patches.push(samplesOf(image, x, y, large));
    await breath.breathe();
  }
  if (patches.length === 0) return small;
  const rateOf = async (side: PatchSide): Promise<number> =>
    rate(await variances(patches, large, side, breath), distortion);
  return (await rateOf(large)) < (1 - saving) * (await rateOf(small)) ? large : small;
}

/** Upper left corners of the whole patches of an image. */
function cornersOf({ width, height }: Size, side: number): { x: number; y: number }[] {
  const corners: { x: number; y: number }[] = [];
  for (let y = 0; y + side <= height; y += side) for (let x = 0; x + side <= width; x += side) corners.push({ x, y });
  return corners;
}

/** Samples 0 .. 1 of a patch of the first channel. */
function samplesOf({ data, width, channels }: DecodedImage, x: number, y: number, side: number): Float64Array {
  return Float64Array.from({ length: side * side }, (_, i) => {
    const at = (y + Math.floor(i / side)) * width + x + (i % side);
    return data[at * channels] / 255;
  });
}

/** Variances of the coefficients of the orthonormal cosine transform in blocks of `side`, which divides the patches' side. */
async function variances(
  patches: readonly Float64Array[],
  patchSide: number,
  side: number,
  breath: Breath,
): Promise<Float64Array> {
  const basis = cosines(side);
  const sums = new Float64Array(side * side);
  const squares = new Float64Array(side * side);
  let count = 0;
  for (const patch of patches) {
    await breath.breathe();
    for (let top = 0; top < patchSide; top += side) {
      for (let left = 0; left < patchSide; left += side) {
        const block = Float64Array.from({ length: side * side }, (_, i) => {
          return patch[(top + Math.floor(i / side)) * patchSide + left + (i % side)];
        });
        // Once along the rows and once along what has become of the columns.
        const coefficients = turned(turned(block, basis, side), basis, side);
        coefficients.forEach((value, i) => {
          sums[i] += value;
          squares[i] += value * value;
        });
        count++;
      }
    }
  }
  return squares.map((square, i) => Math.max(0, square / count - (sums[i] / count) ** 2));
}

/** The transform of each row, as a column. */
function turned(block: Float64Array, basis: Float64Array, side: number): Float64Array {
  const result = new Float64Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let k = 0; k < side; k++) {
      let sum = 0;
      for (let i = 0; i < side; i++) sum += block[row * side + i] * basis[k * side + i];
      result[k * side + row] = sum;
    }
  }
  return result;
}

function cosines(side: number): Float64Array {
  return Float64Array.from({ length: side * side }, (_, at) => {
    const [k, i] = [Math.floor(at / side), at % side];
    return Math.sqrt((k ? 2 : 1) / side) * Math.cos((Math.PI * k * (i + 0.5)) / side);
  });
}

/** Bits a sample at a mean squared error: components below the water level are left out, the others have its error each. */
function rate(variances: Float64Array, distortion: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const level = (low + high) / 2;
    const error = variances.reduce((sum, variance) => sum + Math.min(variance, level), 0) / variances.length;
    if (error > distortion) high = level;
    else low = level;
  }
  const bits = variances.reduce((sum, variance) => sum + (variance > low ? 0.5 * Math.log2(variance / low) : 0), 0);
  return bits / variances.length;
}
