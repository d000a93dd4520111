import { addDoubles, sumOfDoubles } from "./doubles";
import { keepPart, loadPart, storePart } from "./tail";
import { exponentialVector, logarithm2Vector } from "./vectormath";

/** Losses: each adds to the 64-bit float at `total` and writes the gradient, both times `weight`. */

/** total += weight * sum of (prediction - target)^2 */
export function squaredError(
  count: i32, prediction: usize, target: usize, weight: f64, gradient: usize, total: usize,
): void {
  const slope = f32x4.splat(<f32>(2 * weight));
  let sum = f64x2.splat(0);
  for (; count > 0; count -= 4, prediction += 16, target += 16, gradient += 16) {
    const part = min(count, 4);
    const difference = f32x4.sub(loadPart(prediction, part), loadPart(target, part));
    storePart(gradient, f32x4.mul(difference, slope), part);
    sum = addDoubles(sum, f32x4.mul(difference, difference));
  }
  store<f64>(total, load<f64>(total) + weight * sumOfDoubles(sum));
}

// ln 2
// @ts-ignore: decorator
@lazy @inline
const LOG_2 = memory.data<f32>([0.6931471805599453]);

/**
 * total += weight * sum of max(z, 0) - z * target + ln(1 + e^-|z|): the binary cross-entropy of sigmoid(z) in a form that
 * never overflows.
 */
export function binaryCrossEntropy(
  count: i32, logits: usize, target: usize, weight: f64, gradient: usize, total: usize,
): void {
  const slope = f32x4.splat(<f32>weight);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  let sum = f64x2.splat(0);
  for (; count > 0; count -= 4, logits += 16, target += 16, gradient += 16) {
    const part = min(count, 4);
    const logit = loadPart(logits, part);
    const wanted = loadPart(target, part);
    const exponential = exponentialVector(f32x4.neg(f32x4.abs(logit)));
    const denominator = f32x4.add(one, exponential);
    const positive = f32x4.gt(logit, zero);
    const sigmoid = f32x4.div(v128.bitselect(one, exponential, positive), denominator);
    storePart(gradient, f32x4.mul(f32x4.sub(sigmoid, wanted), slope), part);
    const logarithm = f32x4.mul(logarithm2Vector(denominator), v128.load32_splat(LOG_2));
    const linear = f32x4.sub(v128.and(logit, positive), f32x4.mul(logit, wanted));
    sum = addDoubles(sum, keepPart(f32x4.add(linear, logarithm), part));
  }
  store<f64>(total, load<f64>(total) + weight * sumOfDoubles(sum));
}

/**
 * The sums of blocks of side x side pixels of a height x width x channels picture whose rows lie `line` floats apart: output is their grid, without gaps.
 * Blocks at the right and at the bottom are cut off where the picture ends.
 */
export function sumBlocks(
  width: i32, height: i32, channels: i32, line: i32, side: i32, input: usize, output: usize,
): void {
  memory.fill(output, 0, (<usize>((width + side - 1) / side) * ((height + side - 1) / side) * channels) << 2);
  walkBlocks(width, height, channels, line, side, input, output, true);
}

/** Adds to each pixel what `blocks` holds for its block: the transpose of sumBlocks. */
export function addBlocks(
  width: i32, height: i32, channels: i32, line: i32, side: i32, blocks: usize, target: usize,
): void {
  walkBlocks(width, height, channels, line, side, target, blocks, false);
}

/** Adds pixels to their blocks, or the other way round. */
// @ts-ignore: decorator
@inline
function walkBlocks(
  width: i32, height: i32, channels: i32, line: i32, side: i32, pixels: usize, blocks: usize, gathers: bool,
): void {
  const blockBytes = <usize>(channels << 2);
  const across = <usize>((width + side - 1) / side) * blockBytes;
  for (let y = 0, row = 0; y < height; y++, pixels += <usize>line << 2) {
    let at = pixels;
    let block = blocks;
    for (let x = 0; x < width; x += side, block += blockBytes) {
      const end = at + <usize>min(side, width - x) * blockBytes;
      for (; at < end; at += blockBytes) {
        for (let c: usize = 0; c < blockBytes; c += 4) {
          const sum = load<f32>(at + c) + load<f32>(block + c);
          store<f32>((gathers ? block : at) + c, sum);
        }
      }
    }
    if (++row === side) {
      row = 0;
      blocks += across;
    }
  }
}
