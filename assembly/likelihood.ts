import { addDoubles, sumOfDoubles } from "./doubles";
import { multiplyAdd } from "./simd";
import { keepPart, loadPart, storePart } from "./tail";
import {
  exponentialMinusOneVector,
  exponentialVector,
  logarithm2Vector,
  scaledNormalTailVector,
  sigmoidVector,
} from "./vectormath";

/**
 * Bits of values under a density integrated over the unit bin [v - 1/2, v + 1/2] (Balle et al. 2018, appendix 6.2).
 *
 * Both densities are symmetric, so everything is said of the distance a = |v - mean|, with the bin's edges in units of the
 * scale, lower = (a - 1/2) / scale and upper = (a + 1/2) / scale. Differences of nearly equal numbers are written by e^x - 1.
 * The Gaussian bin alone stays a difference of two tails: its relative error grows to 5e-7 times the deviation.
 * A quantity held at its lower bound keeps the gradient that would raise it and drops the one that would lower it further.
 */

// 1/2, 1, smallest standard deviation, smallest probability, 1 / sqrt(2 pi), pi / sqrt(3), -1/2
// @ts-ignore: decorator
@lazy @inline
const CONSTANTS = memory.data<f32>([0.5, 1, 0.11, 1e-9, 0.3989422804014327, 1.8137993642342178, -0.5]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

// @ts-ignore: decorator
@inline
function half(): v128 {
  return constant(0);
}

// @ts-ignore: decorator
@inline
function one(): v128 {
  return constant(1);
}

// @ts-ignore: decorator
@inline
function smallestDeviation(): v128 {
  return constant(2);
}

// @ts-ignore: decorator
@inline
function smallestProbability(): v128 {
  return constant(3);
}

/** The gradient by ln(deviation) of a `deviation` that was held at its lower bound; `gradient` is that of the bounded one. */
// @ts-ignore: decorator
@inline
function gradientThroughBound(gradient: v128, deviation: v128, inverse: v128): v128 {
  const raising = v128.and(f32x4.mul(gradient, f32x4.mul(deviation, inverse)), f32x4.lt(gradient, f32x4.splat(0)));
  return v128.bitselect(gradient, raising, f32x4.ge(deviation, smallestDeviation()));
}

/** Bits per natural unit of information. */
const BITS_PER_NAT: f64 = 1.4426950408889634;

/** total += weight * sum of -log2 P(value); gradients are written, times `weight`. */
export function gaussianBits(
  count: i32, value: usize, mean: usize, logScale: usize, weight: f64,
  gradientValue: usize, gradientMean: usize, gradientLogScale: usize, total: usize,
): void {
  const slope = f32x4.splat(<f32>(-weight * BITS_PER_NAT));
  let bits = f64x2.splat(0);
  for (let done: usize = 0, end = <usize>count << 2; done < end; done += 16) {
    const part = <i32>min((end - done) >> 2, 4);
    const difference = f32x4.sub(loadPart(value + done, part), loadPart(mean + done, part));
    const distance = f32x4.abs(difference);
    const deviation = exponentialVector(loadPart(logScale + done, part));
    const inverse = f32x4.div(one(), f32x4.pmax(deviation, smallestDeviation()));
    const lower = f32x4.mul(f32x4.sub(distance, half()), inverse);
    const upper = f32x4.mul(f32x4.add(distance, half()), inverse);

    // e^(-lower^2 / 2), and what must be added to it to get e^(-upper^2 / 2)
    const bellLower = exponentialVector(f32x4.mul(f32x4.mul(lower, lower), constant(6)));
    const ratio = exponentialMinusOneVector(f32x4.neg(f32x4.mul(f32x4.mul(distance, inverse), inverse)));
    const bellChange = f32x4.mul(bellLower, ratio);
    const bellUpper = f32x4.add(bellLower, bellChange);

    const tail = f32x4.mul(bellLower, scaledNormalTailVector(f32x4.abs(lower)));
    const tailLower = v128.bitselect(f32x4.sub(one(), tail), tail, f32x4.lt(lower, f32x4.splat(0)));
    const tailUpper = f32x4.mul(bellUpper, scaledNormalTailVector(upper));
    const probability = f32x4.pmax(f32x4.sub(tailLower, tailUpper), smallestProbability());
    bits = addDoubles(bits, keepPart(logarithm2Vector(probability), part));

    const factor = f32x4.div(f32x4.mul(slope, constant(4)), probability);
    const byDistance = f32x4.mul(f32x4.mul(factor, bellChange), inverse);
    const byValue = v128.xor(byDistance, v128.xor(difference, distance));
    const byDeviation = f32x4.neg(
      f32x4.mul(factor, multiplyAdd(lower, bellChange, f32x4.mul(inverse, bellUpper))),
    );
    storePart(gradientValue + done, byValue, part);
    storePart(gradientMean + done, f32x4.neg(byValue), part);
    storePart(gradientLogScale + done, gradientThroughBound(byDeviation, deviation, inverse), part);
  }
  store<f64>(total, load<f64>(total) - weight * sumOfDoubles(bits));
}

/** The same for a logistic density with standard deviation e ** logScale. */
export function logisticBits(
  count: i32, value: usize, mean: usize, logScale: usize, weight: f64,
  gradientValue: usize, gradientMean: usize, gradientLogScale: usize, total: usize,
): void {
  const slope = f32x4.splat(<f32>(-weight * BITS_PER_NAT));
  let bits = f64x2.splat(0);
  for (let done: usize = 0, end = <usize>count << 2; done < end; done += 16) {
    const part = <i32>min((end - done) >> 2, 4);
    const difference = f32x4.sub(loadPart(value + done, part), loadPart(mean + done, part));
    const distance = f32x4.abs(difference);
    const deviation = exponentialVector(loadPart(logScale + done, part));
    const inverse = f32x4.div(one(), f32x4.pmax(deviation, smallestDeviation()));
    // The bin's width in units of the scale parameter.
    const width = f32x4.mul(inverse, constant(5));
    const lower = f32x4.mul(f32x4.sub(distance, half()), width);
    const upper = f32x4.mul(f32x4.add(distance, half()), width);

    // Both sides of each edge, S the sigmoid: belowLower = S(lower), aboveLower = S(-lower), and so for the upper edge.
    const powerLower = exponentialVector(f32x4.neg(f32x4.abs(lower)));
    const larger = f32x4.div(one(), f32x4.add(one(), powerLower));
    const smaller = f32x4.mul(powerLower, larger);
    const negative = f32x4.lt(lower, f32x4.splat(0));
    const aboveLower = v128.bitselect(larger, smaller, negative);
    const belowLower = v128.bitselect(smaller, larger, negative);
    const powerUpper = exponentialVector(f32x4.neg(upper));
    const belowUpper = f32x4.div(one(), f32x4.add(one(), powerUpper));
    const aboveUpper = f32x4.mul(powerUpper, belowUpper);

    // P = S(-lower) - S(-upper) = S(-lower) S(upper) (1 - e^-width)
    const change = exponentialMinusOneVector(f32x4.neg(width));
    const exact = f32x4.neg(f32x4.mul(f32x4.mul(aboveLower, belowUpper), change));
    const probability = f32x4.pmax(exact, smallestProbability());
    bits = addDoubles(bits, keepPart(logarithm2Vector(probability), part));

    // d ln P / d a = -width (S(lower) - S(-upper)) = -width S(lower) S(upper) (1 - e^-(lower + upper))
    const asymmetry = exponentialMinusOneVector(f32x4.neg(f32x4.add(lower, upper)));
    const factor = f32x4.mul(slope, f32x4.div(exact, probability));
    const byDistance = f32x4.mul(f32x4.mul(f32x4.mul(factor, width), f32x4.mul(belowLower, belowUpper)), asymmetry);
    const byValue = v128.xor(byDistance, v128.xor(difference, distance));
    // d ln P / d ln scale = lower S(lower) - upper S(-upper) - width e^-width / (1 - e^-width)
    const edges = f32x4.sub(f32x4.mul(lower, belowLower), f32x4.mul(upper, aboveUpper));
    const shrink = f32x4.div(f32x4.mul(width, f32x4.add(one(), change)), change);
    const byDeviation = f32x4.mul(factor, f32x4.add(edges, shrink));
    storePart(gradientValue + done, byValue, part);
    storePart(gradientMean + done, f32x4.neg(byValue), part);
    storePart(gradientLogScale + done, gradientThroughBound(byDeviation, deviation, inverse), part);
  }
  store<f64>(total, load<f64>(total) - weight * sumOfDoubles(bits));
}

/** P of a Gaussian in the unit bin at `distance` from its mean, either sign. */
// @ts-ignore: decorator
@inline
function gaussianBin(distance: v128, inverse: v128): v128 {
  const a = f32x4.abs(distance);
  const lower = f32x4.mul(f32x4.sub(a, half()), inverse);
  const upper = f32x4.mul(f32x4.add(a, half()), inverse);
  const tail = normalTail(f32x4.abs(lower));
  const tailLower = v128.bitselect(f32x4.sub(one(), tail), tail, f32x4.lt(lower, f32x4.splat(0)));
  return f32x4.pmax(f32x4.sub(tailLower, normalTail(upper)), smallestProbability());
}

/** The probability that a standard normal variable exceeds z >= 0. */
// @ts-ignore: decorator
@inline
function normalTail(z: v128): v128 {
  return f32x4.mul(exponentialVector(f32x4.mul(f32x4.mul(z, z), constant(6))), scaledNormalTailVector(z));
}

/** P of a logistic density in the unit bin; `inverse` is one over its scale parameter. */
// @ts-ignore: decorator
@inline
function logisticBin(distance: v128, inverse: v128): v128 {
  const a = f32x4.abs(distance);
  const above = sigmoidVector(f32x4.mul(f32x4.sub(half(), a), inverse));
  const below = sigmoidVector(f32x4.mul(f32x4.add(half(), a), inverse));
  const change = exponentialMinusOneVector(f32x4.neg(inverse));
  return f32x4.pmax(f32x4.neg(f32x4.mul(f32x4.mul(above, below), change)), smallestProbability());
}

/** up[i], down[i] = how many bits more value[i] + 1 and value[i] - 1 take than value[i]. */
export function gaussianSteps(
  count: i32, value: usize, mean: usize, logScale: usize, up: usize, down: usize,
): void {
  for (let done: usize = 0, end = <usize>count << 2; done < end; done += 16) {
    const part = <i32>min((end - done) >> 2, 4);
    const difference = f32x4.sub(loadPart(value + done, part), loadPart(mean + done, part));
    const inverse = inverseDeviation(loadPart(logScale + done, part));
    const here = logarithm2Vector(gaussianBin(difference, inverse));
    const above = logarithm2Vector(gaussianBin(f32x4.add(difference, one()), inverse));
    const below = logarithm2Vector(gaussianBin(f32x4.sub(difference, one()), inverse));
    storePart(up + done, f32x4.sub(here, above), part);
    storePart(down + done, f32x4.sub(here, below), part);
  }
}

/**
 * output[i] = how far the mean of a Gaussian within the bin [symbol - 1/2, symbol + 1/2] lies from the symbol, -1/2 .. 1/2: for a mean of
 * zero, scale * (bell(lower) - bell(upper)) / P less the symbol, and mirrored for symbols below the mean.
 */
export function centroids(count: i32, symbols: usize, mean: usize, logScale: usize, output: usize): void {
  for (; count > 0; count -= 4, symbols += 16, mean += 16, logScale += 16, output += 16) {
    const part = min(count, 4);
    storePart(output, centroidVector(loadPart(symbols, part), loadPart(mean, part), loadPart(logScale, part)), part);
  }
}

/** The same of four symbols. */
// @ts-ignore: decorator
@inline
export function centroidVector(symbols: v128, mean: v128, logScale: v128): v128 {
  const difference = f32x4.sub(symbols, mean);
  const distance = f32x4.abs(difference);
  const inverse = inverseDeviation(logScale);
  const lower = f32x4.mul(f32x4.sub(distance, half()), inverse);
  const upper = f32x4.mul(f32x4.add(distance, half()), inverse);
  const bellLower = exponentialVector(f32x4.mul(f32x4.mul(lower, lower), constant(6)));
  const ratio = exponentialMinusOneVector(f32x4.neg(f32x4.mul(f32x4.mul(distance, inverse), inverse)));
  const bellChange = f32x4.mul(bellLower, ratio);
  const tail = f32x4.mul(bellLower, scaledNormalTailVector(f32x4.abs(lower)));
  const tailLower = v128.bitselect(f32x4.sub(one(), tail), tail, f32x4.lt(lower, f32x4.splat(0)));
  const tailUpper = f32x4.mul(f32x4.add(bellLower, bellChange), scaledNormalTailVector(upper));
  const probability = f32x4.pmax(f32x4.sub(tailLower, tailUpper), smallestProbability());
  const expected = f32x4.neg(f32x4.div(f32x4.mul(constant(4), bellChange), f32x4.mul(inverse, probability)));
  // In this order of operands the maximum is 0 where 0 / 0 came out: under scales beyond all bounds nothing moves.
  const inward = f32x4.pmin(f32x4.pmax(f32x4.splat(0), f32x4.sub(distance, expected)), half());
  return f32x4.neg(v128.xor(inward, v128.xor(difference, distance)));
}

/** The same for a logistic density with standard deviation e ** logScale. */
export function logisticSteps(
  count: i32, value: usize, mean: usize, logScale: usize, up: usize, down: usize,
): void {
  for (let done: usize = 0, end = <usize>count << 2; done < end; done += 16) {
    const part = <i32>min((end - done) >> 2, 4);
    const difference = f32x4.sub(loadPart(value + done, part), loadPart(mean + done, part));
    const inverse = f32x4.mul(inverseDeviation(loadPart(logScale + done, part)), constant(5));
    const here = logarithm2Vector(logisticBin(difference, inverse));
    const above = logarithm2Vector(logisticBin(f32x4.add(difference, one()), inverse));
    const below = logarithm2Vector(logisticBin(f32x4.sub(difference, one()), inverse));
    storePart(up + done, f32x4.sub(here, above), part);
    storePart(down + done, f32x4.sub(here, below), part);
  }
}

/** One over the deviation, whose logarithm is given, bounded as everywhere. */
// @ts-ignore: decorator
@inline
function inverseDeviation(logScale: v128): v128 {
  return f32x4.div(one(), f32x4.pmax(exponentialVector(logScale), smallestDeviation()));
}
