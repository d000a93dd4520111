import { loadPart, storePart } from "./tail";
import { exponentialVector, scaledNormalTailVector, sigmoidVector, tanhVector } from "./vectormath";

/** Activations and their slopes. The numbers are those of `activationNumber` in src/kernels/interface.ts. */
const RELU = 1;
const LEAKY_RELU = 2;
export const HARD_SWISH = 3;
const GELU = 4;
const TANH = 5;
const SIGMOID = 6;

// 0, 1, slope of leaky ReLU, 3, 6, 1/6, 1/3, 1/2, -1/2, 1 / sqrt(2 pi)
// @ts-ignore: decorator
@lazy @inline
const CONSTANTS = memory.data<f32>([0, 1, 0.01, 3, 6, 0.16666666666666667, 0.33333333333333333, 0.5, -0.5, 0.3989422804014327]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

/** x where x > 0, else x * 0.01 */
// @ts-ignore: decorator
@inline
function leakyRelu(x: v128): v128 {
  return v128.bitselect(x, f32x4.mul(x, constant(2)), f32x4.gt(x, constant(0)));
}

/** x * clamp(x + 3, 0, 6) / 6 (Howard et al. 2019, section 5.2) */
// @ts-ignore: decorator
@inline
export function hardSwish(x: v128): v128 {
  const gate = f32x4.pmin(f32x4.pmax(f32x4.add(x, constant(3)), constant(0)), constant(4));
  return f32x4.mul(f32x4.mul(x, gate), constant(5));
}

/** x / 3 + 1/2 between -3 and 3, 0 below, 1 above */
// @ts-ignore: decorator
@inline
function hardSwishSlope(x: v128): v128 {
  const line = f32x4.add(f32x4.mul(x, constant(6)), constant(7));
  const above = v128.bitselect(constant(1), line, f32x4.gt(x, constant(3)));
  return v128.andnot(above, f32x4.le(x, f32x4.neg(constant(3))));
}

/** The probability that a standard normal variable lies below x; `bell` = e^(-x^2 / 2). */
// @ts-ignore: decorator
@inline
function normalCumulative(x: v128, bell: v128): v128 {
  const tail = f32x4.mul(scaledNormalTailVector(f32x4.abs(x)), bell);
  return v128.bitselect(tail, f32x4.sub(constant(1), tail), f32x4.lt(x, constant(0)));
}

// @ts-ignore: decorator
@inline
function bellOf(x: v128): v128 {
  return exponentialVector(f32x4.mul(f32x4.mul(x, x), constant(8)));
}

/** x * Phi(x), the exact form (Hendrycks & Gimpel 2016, equation 1) */
// @ts-ignore: decorator
@inline
function gelu(x: v128): v128 {
  return f32x4.mul(x, normalCumulative(x, bellOf(x)));
}

/** Phi(x) + x phi(x) */
// @ts-ignore: decorator
@inline
function geluSlope(x: v128): v128 {
  const bell = bellOf(x);
  return f32x4.add(normalCumulative(x, bell), f32x4.mul(f32x4.mul(x, constant(9)), bell));
}

/** activation(x) of four values; with a literal `kind` only that branch is compiled in. */
// @ts-ignore: decorator
@inline
export function activateVector(kind: i32, x: v128): v128 {
  if (kind == RELU) return f32x4.pmax(x, constant(0));
  if (kind == LEAKY_RELU) return leakyRelu(x);
  if (kind == HARD_SWISH) return hardSwish(x);
  if (kind == GELU) return gelu(x);
  if (kind == TANH) return tanhVector(x);
  if (kind == SIGMOID) return sigmoidVector(x);
  return x;
}

/** activation'(x) of four values; a kink has the slope of its left side. */
// @ts-ignore: decorator
@inline
function slopeVector(kind: i32, x: v128): v128 {
  if (kind == RELU) return v128.and(constant(1), f32x4.gt(x, constant(0)));
  if (kind == LEAKY_RELU) return v128.bitselect(constant(1), constant(2), f32x4.gt(x, constant(0)));
  if (kind == HARD_SWISH) return hardSwishSlope(x);
  if (kind == GELU) return geluSlope(x);
  if (kind == TANH) {
    const y = tanhVector(x);
    return f32x4.sub(constant(1), f32x4.mul(y, y));
  }
  if (kind == SIGMOID) {
    const y = sigmoidVector(x);
    return f32x4.mul(y, f32x4.sub(constant(1), y));
  }
  return constant(1);
}

/** Writes whole vectors. */
// @ts-ignore: decorator
@inline
function activateRun(kind: i32, count: i32, input: usize, output: usize): void {
  for (; count > 0; count -= 4, input += 16, output += 16) v128.store(output, activateVector(kind, v128.load(input)));
}

// @ts-ignore: decorator
@inline
function gradientRun(kind: i32, count: i32, input: usize, gradientOutput: usize, gradientInput: usize): void {
  for (; count >= 4; count -= 4, input += 16, gradientOutput += 16, gradientInput += 16) {
    v128.store(gradientInput, f32x4.mul(v128.load(gradientOutput), slopeVector(kind, v128.load(input))));
  }
  if (count > 0) {
    const slope = slopeVector(kind, loadPart(input, count));
    storePart(gradientInput, f32x4.mul(loadPart(gradientOutput, count), slope), count);
  }
}

/** output[i] = activation(input[i]) */
export function activate(kind: i32, count: i32, input: usize, output: usize): void {
  const end = output + (<usize>count << 2);
  const behind = v128.load(end);
  if (kind == RELU) activateRun(RELU, count, input, output);
  else if (kind == LEAKY_RELU) activateRun(LEAKY_RELU, count, input, output);
  else if (kind == HARD_SWISH) activateRun(HARD_SWISH, count, input, output);
  else if (kind == GELU) activateRun(GELU, count, input, output);
  else if (kind == TANH) activateRun(TANH, count, input, output);
  else if (kind == SIGMOID) activateRun(SIGMOID, count, input, output);
  else activateRun(0, count, input, output);
  v128.store(end, behind);
}

/** gradientInput[i] = gradientOutput[i] * activation'(input[i]) */
export function activateGradient(kind: i32, count: i32, input: usize, gradientOutput: usize, gradientInput: usize): void {
  if (kind == RELU) gradientRun(RELU, count, input, gradientOutput, gradientInput);
  else if (kind == LEAKY_RELU) gradientRun(LEAKY_RELU, count, input, gradientOutput, gradientInput);
  else if (kind == HARD_SWISH) gradientRun(HARD_SWISH, count, input, gradientOutput, gradientInput);
  else if (kind == GELU) gradientRun(GELU, count, input, gradientOutput, gradientInput);
  else if (kind == TANH) gradientRun(TANH, count, input, gradientOutput, gradientInput);
  else if (kind == SIGMOID) gradientRun(SIGMOID, count, input, gradientOutput, gradientInput);
  else gradientRun(0, count, input, gradientOutput, gradientInput);
}
