import { addDoubles, sumOfDoubles } from "./doubles";
import { multiplyAdd } from "./simd";
import { keepPart, loadPart, storePart } from "./tail";
import { exponentialVector, logarithm2Vector } from "./vectormath";

/**
 * What a variational autoencoder computes beside its dense layers (Kingma & Welling 2014). N images with C latents each, of which `repeats`
 * samples are drawn: row n * repeats + r of a matrix of samples is sample r of image n. M samples (pixels) an image. Natural units.
 */

// 1/2
// @ts-ignore: decorator
@lazy @inline
const CONSTANTS = memory.data<f32>([0.5]);

// @ts-ignore: decorator
@inline
function half(): v128 {
  return v128.load32_splat(CONSTANTS);
}

/** output[n][r][c] = mean[n][c] + e^(logVariance[n][c] / 2) * noise[n][r][c] (section 2.4) */
export function reparameterize(
  N: i32, C: i32, repeats: i32, mean: usize, logVariance: usize, noise: usize, output: usize,
): void {
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++, mean += rowBytes, logVariance += rowBytes) {
    for (let c: usize = 0; c < rowBytes; c += 16) {
      const part = <i32>min((rowBytes - c) >> 2, 4);
      const centre = loadPart(mean + c, part);
      const deviation = exponentialVector(f32x4.mul(loadPart(logVariance + c, part), half()));
      for (let r = 0, at: usize = c; r < repeats; r++, at += rowBytes) {
        storePart(output + at, multiplyAdd(deviation, loadPart(noise + at, part), centre), part);
      }
    }
    noise += <usize>repeats * rowBytes;
    output += <usize>repeats * rowBytes;
  }
}

/** The gradients by mean and logVariance, summed over the samples, of what has `gradient` by the output; `noise` is held. */
export function reparameterizeGradient(
  N: i32, C: i32, repeats: i32, logVariance: usize, noise: usize, gradient: usize,
  gradientMean: usize, gradientLogVariance: usize,
): void {
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++) {
    for (let c: usize = 0; c < rowBytes; c += 16) {
      const part = <i32>min((rowBytes - c) >> 2, 4);
      const deviation = exponentialVector(f32x4.mul(loadPart(logVariance + c, part), half()));
      let sum = f32x4.splat(0);
      let product = f32x4.splat(0);
      for (let r = 0, at: usize = c; r < repeats; r++, at += rowBytes) {
        const slope = loadPart(gradient + at, part);
        sum = f32x4.add(sum, slope);
        product = multiplyAdd(slope, loadPart(noise + at, part), product);
      }
      storePart(gradientMean + c, sum, part);
      storePart(gradientLogVariance + c, f32x4.mul(product, f32x4.mul(deviation, half())), part);
    }
    logVariance += rowBytes;
    gradientMean += rowBytes;
    gradientLogVariance += rowBytes;
    noise += <usize>repeats * rowBytes;
    gradient += <usize>repeats * rowBytes;
  }
}

/**
 * divergence[n] = sum over c of (mean^2 + e^logVariance - 1 - logVariance) / 2: from N(mean, e^logVariance) to N(0, 1) (appendix B). Its gradients,
 * times `weight`, are added.
 */
export function gaussianDivergence(
  N: i32, C: i32, mean: usize, logVariance: usize, weight: f32, divergence: usize,
  gradientMean: usize, gradientLogVariance: usize,
): void {
  const rowBytes = <usize>C << 2;
  const weights = f32x4.splat(weight);
  const halfWeights = f32x4.splat(0.5 * weight);
  const one = f32x4.splat(1);
  for (let n = 0; n < N; n++, divergence += 4) {
    let sum = f64x2.splat(0);
    for (let c: usize = 0; c < rowBytes; c += 16) {
      const part = <i32>min((rowBytes - c) >> 2, 4);
      const centre = loadPart(mean + c, part);
      const logarithm = loadPart(logVariance + c, part);
      const excess = f32x4.sub(exponentialVector(logarithm), one);
      sum = addDoubles(sum, keepPart(f32x4.sub(multiplyAdd(centre, centre, excess), logarithm), part));
      storePart(gradientMean + c, multiplyAdd(centre, weights, loadPart(gradientMean + c, part)), part);
      const slope = multiplyAdd(excess, halfWeights, loadPart(gradientLogVariance + c, part));
      storePart(gradientLogVariance + c, slope, part);
    }
    store<f32>(divergence, <f32>(0.5 * sumOfDoubles(sum)));
    mean += rowBytes;
    logVariance += rowBytes;
    gradientMean += rowBytes;
    gradientLogVariance += rowBytes;
  }
}

/** output[n][r] = ln N(sample; 0, 1) - ln N(sample; mean, e^logVariance), for samples made of this noise by `reparameterize`. */
export function logPriorRatio(
  N: i32, C: i32, repeats: i32, logVariance: usize, noise: usize, sample: usize, output: usize,
): void {
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++, logVariance += rowBytes) {
    for (let r = 0; r < repeats; r++, noise += rowBytes, sample += rowBytes, output += 4) {
      let sum = f64x2.splat(0);
      for (let c: usize = 0; c < rowBytes; c += 16) {
        const part = <i32>min((rowBytes - c) >> 2, 4);
        const drawn = loadPart(noise + c, part);
        const value = loadPart(sample + c, part);
        const squares = f32x4.sub(f32x4.mul(drawn, drawn), f32x4.mul(value, value));
        sum = addDoubles(sum, f32x4.add(squares, loadPart(logVariance + c, part)));
      }
      store<f32>(output, <f32>(0.5 * sumOfDoubles(sum)));
    }
  }
}

/** Vectors whose factors 1 .. 2 are multiplied before a logarithm is taken: 2^32 is far from overflow. */
const FACTORS: i32 = 32;
const LOG_2: f64 = 0.6931471805599453;

/**
 * output[n][r] = sum over m of -(max(z, 0) - z * target + ln(1 + e^-|z|)): the logarithm of the probability of target[n] (0 .. 1) under
 * independent Bernoulli variables with logits z[n][r]. Where `gradient` is not 0, it is weights[n][r] * (sigmoid(z) - target), which lowers -output.
 */
export function bernoulliRows(
  N: i32, M: i32, repeats: i32, logits: usize, target: usize, weights: usize, gradient: usize, output: usize,
): void {
  const rowBytes = <usize>M << 2;
  for (let n = 0; n < N; n++, target += rowBytes) {
    for (let r = 0; r < repeats; r++, logits += rowBytes, output += 4) {
      store<f32>(output, gradient ? bernoulliGradient(M, logits, target, load<f32>(weights), gradient) : bernoulli(M, logits, target));
      if (gradient) {
        weights += 4;
        gradient += rowBytes;
      }
    }
  }
}

function bernoulli(M: i32, logits: usize, target: usize): f32 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  let sum = f64x2.splat(0);
  let bits = f64x2.splat(0);
  while (M > 0) {
    let product = one;
    let linear = zero;
    for (let i = 0; i < FACTORS && M > 0; i++, M -= 4, logits += 16, target += 16) {
      const part = min(M, 4);
      const logit = loadPart(logits, part);
      const power = keepPart(exponentialVector(f32x4.neg(f32x4.abs(logit))), part);
      product = f32x4.mul(product, f32x4.add(one, power));
      linear = f32x4.add(linear, f32x4.sub(f32x4.mul(logit, loadPart(target, part)), f32x4.pmax(zero, logit)));
    }
    bits = addDoubles(bits, logarithm2Vector(product));
    sum = addDoubles(sum, linear);
  }
  return <f32>(sumOfDoubles(sum) - LOG_2 * sumOfDoubles(bits));
}

function bernoulliGradient(M: i32, logits: usize, target: usize, weight: f32, gradient: usize): f32 {
  const slope = f32x4.splat(weight);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  let sum = f64x2.splat(0);
  let bits = f64x2.splat(0);
  while (M > 0) {
    let product = one;
    let linear = zero;
    for (let i = 0; i < FACTORS && M > 0; i++, M -= 4, logits += 16, target += 16, gradient += 16) {
      const part = min(M, 4);
      const logit = loadPart(logits, part);
      const wanted = loadPart(target, part);
      const power = keepPart(exponentialVector(f32x4.neg(f32x4.abs(logit))), part);
      const denominator = f32x4.add(one, power);
      const sigmoid = f32x4.div(v128.bitselect(one, power, f32x4.gt(logit, zero)), denominator);
      storePart(gradient, f32x4.mul(f32x4.sub(sigmoid, wanted), slope), part);
      product = f32x4.mul(product, denominator);
      linear = f32x4.add(linear, f32x4.sub(f32x4.mul(logit, wanted), f32x4.pmax(zero, logit)));
    }
    bits = addDoubles(bits, logarithm2Vector(product));
    sum = addDoubles(sum, linear);
  }
  return <f32>(sumOfDoubles(sum) - LOG_2 * sumOfDoubles(bits));
}

/** output[n][r] = sum over m of (prediction[n][r][m] - target[n][m])^2. Where `gradient` is not 0, it is weights[n][r] * 2 * (prediction - target). */
export function squaredErrorRows(
  N: i32, M: i32, repeats: i32, prediction: usize, target: usize, weights: usize, gradient: usize, output: usize,
): void {
  const rowBytes = <usize>M << 2;
  for (let n = 0; n < N; n++, target += rowBytes) {
    for (let r = 0; r < repeats; r++, prediction += rowBytes, output += 4) {
      const slope = f32x4.splat(gradient ? 2 * load<f32>(weights) : 0);
      let sum = f64x2.splat(0);
      for (let m: usize = 0; m < rowBytes; m += 16) {
        const part = <i32>min((rowBytes - m) >> 2, 4);
        const difference = f32x4.sub(loadPart(prediction + m, part), loadPart(target + m, part));
        sum = addDoubles(sum, f32x4.mul(difference, difference));
        if (gradient) storePart(gradient + m, f32x4.mul(difference, slope), part);
      }
      store<f32>(output, <f32>sumOfDoubles(sum));
      if (gradient) {
        weights += 4;
        gradient += rowBytes;
      }
    }
  }
}

/** output[i] = 1 where uniform[i] < probability[i], else 0 */
export function drawBernoulli(count: i32, probability: usize, uniform: usize, output: usize): void {
  const one = f32x4.splat(1);
  for (; count > 0; count -= 4, probability += 16, uniform += 16, output += 16) {
    const part = min(count, 4);
    storePart(output, v128.and(f32x4.lt(loadPart(uniform, part), loadPart(probability, part)), one), part);
  }
}
