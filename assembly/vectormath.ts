
/**
 * Elementary functions of four floats at a time, made of exactly rounded operations only (no fused multiply-add), so that
 * every engine returns the same bits. Coefficients live in memory: a load is one instruction, a literal in a loop is three.
 */

/** Reads entry `index` of a table of floats into all lanes. */
// @ts-ignore: decorator
@inline
function constant(table: usize, index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** One step of Horner's scheme: sum * x + table[index]. */
// @ts-ignore: decorator
@inline
function horner(sum: v128, x: v128, table: usize, index: usize): v128 {
  return f32x4.add(f32x4.mul(sum, x), constant(table, index));
}

// Lower and upper bound, 1 / ln 2, ln 2 in two parts (the first has few bits, so its product with an integer is exact),
// then (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2, highest power first (Cody & Waite reduction, Cephes coefficients), and 3 * 2^22.
// @ts-ignore: decorator
@lazy @inline
const EXPONENTIAL = memory.data<f32>([
  -87.33654, 88.37626, 1.44269504088896341, 0.693359375, -2.12194440e-4, 1.9875691500e-4, 1.3981999507e-3,
  8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 12582912,
]);

// @ts-ignore: decorator
@lazy @inline
const ONE = memory.data<f32>([1]);

// @ts-ignore: decorator
@inline
function one(): v128 {
  return constant(ONE, 0);
}

/**
 * The integer n nearest to x / ln 2, half to even, plus 3 * 2^22: a float of that size has no bits for fractions, so that the addition rounds, and
 * holds n in its low bits. `x` is already within the bounds.
 */
// @ts-ignore: decorator
@inline
function shiftedExponentOf(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, constant(EXPONENTIAL, 2)), constant(EXPONENTIAL, 11));
}

/** n itself, as a float */
// @ts-ignore: decorator
@inline
function exponentOf(shifted: v128): v128 {
  return f32x4.sub(shifted, constant(EXPONENTIAL, 11));
}

/** e^(x - n ln 2) - 1 */
// @ts-ignore: decorator
@inline
function reducedExponential(x: v128, n: v128): v128 {
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(EXPONENTIAL, 3))), f32x4.mul(n, constant(EXPONENTIAL, 4)));
  let p = constant(EXPONENTIAL, 5);
  p = horner(p, r, EXPONENTIAL, 6);
  p = horner(p, r, EXPONENTIAL, 7);
  p = horner(p, r, EXPONENTIAL, 8);
  p = horner(p, r, EXPONENTIAL, 9);
  p = horner(p, r, EXPONENTIAL, 10);
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

/** 2^n for integers -126 <= n <= 127, from n plus 3 * 2^22 */
// @ts-ignore: decorator
@inline
function powerOfTwo(shifted: v128): v128 {
  // The bits of 1 are those of exponent 0: adding n to the exponent field doubles it n times. The shift leaves nothing of 3 * 2^22.
  return i32x4.add(i32x4.shl(shifted, 23), one());
}

// @ts-ignore: decorator
@inline
function clampExponent(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, constant(EXPONENTIAL, 0)), constant(EXPONENTIAL, 1));
}

/** e^x, within 1 ulp; saturates at 1.2e-38 and 2.4e38. */
// @ts-ignore: decorator
@inline
export function exponentialVector(x: v128): v128 {
  x = clampExponent(x);
  const shifted = shiftedExponentOf(x);
  return f32x4.mul(f32x4.add(reducedExponential(x, exponentOf(shifted)), one()), powerOfTwo(shifted));
}

/** e^x - 1, without cancellation near zero. */
// @ts-ignore: decorator
@inline
export function exponentialMinusOneVector(x: v128): v128 {
  x = clampExponent(x);
  const shifted = shiftedExponentOf(x);
  const power = powerOfTwo(shifted);
  return f32x4.add(f32x4.mul(reducedExponential(x, exponentOf(shifted)), power), f32x4.sub(power, one()));
}

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function sigmoidVector(x: v128): v128 {
  return f32x4.div(one(), f32x4.add(one(), exponentialVector(f32x4.neg(x))));
}

// Where the odd polynomial ends, then (tanh x - x) / x^3 in powers of x^2, highest first (Cephes coefficients).
// @ts-ignore: decorator
@lazy @inline
const TANH = memory.data<f32>([
  0.625, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
]);

/** tanh x, within 2 ulp: an odd polynomial near zero, 1 - 2 / (e^2|x| + 1) elsewhere. */
// @ts-ignore: decorator
@inline
export function tanhVector(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = constant(TANH, 1);
  p = horner(p, square, TANH, 2);
  p = horner(p, square, TANH, 3);
  p = horner(p, square, TANH, 4);
  p = horner(p, square, TANH, 5);
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, square), x), x);
  const exponential = exponentialVector(f32x4.add(magnitude, magnitude));
  const half = f32x4.div(one(), f32x4.add(exponential, one()));
  const far = f32x4.sub(one(), f32x4.add(half, half));
  const signed = v128.or(far, v128.xor(x, magnitude));
  return v128.bitselect(near, signed, f32x4.lt(magnitude, constant(TANH, 0)));
}

// k, then the polynomial p of degree 9 with Q(z) e^(z^2 / 2) = t p(t), t = 1 / (1 + k z), for z >= 0; highest power first.
// A weighted least-squares fit in t, relative error 3.2e-8 before rounding.
// @ts-ignore: decorator
@lazy @inline
const NORMAL_TAIL = memory.data<f32>([
  0.32, -0.0210781642, 0.0954072346, -0.146707408, 0.0653279675, -0.00937753471, 0.0586539537, 0.0878291006, 0.114622359,
  0.127660946, 0.127661529,
]);

/**
 * Q(z) e^(z^2 / 2) for z >= 0, where Q(z) is the probability that a standard normal variable exceeds z. Relative error below
 * 4e-7 for every z: multiplied by e^(-z^2 / 2) it reaches into the far tail where 1 - erf is zero.
 */
// @ts-ignore: decorator
@inline
export function scaledNormalTailVector(z: v128): v128 {
  const t = f32x4.div(one(), f32x4.add(one(), f32x4.mul(z, constant(NORMAL_TAIL, 0))));
  let p = constant(NORMAL_TAIL, 1);
  p = horner(p, t, NORMAL_TAIL, 2);
  p = horner(p, t, NORMAL_TAIL, 3);
  p = horner(p, t, NORMAL_TAIL, 4);
  p = horner(p, t, NORMAL_TAIL, 5);
  p = horner(p, t, NORMAL_TAIL, 6);
  p = horner(p, t, NORMAL_TAIL, 7);
  p = horner(p, t, NORMAL_TAIL, 8);
  p = horner(p, t, NORMAL_TAIL, 9);
  p = horner(p, t, NORMAL_TAIL, 10);
  return f32x4.mul(p, t);
}

// Bits of the mantissa and of 0.5, bias of the exponent; sqrt(1/2), 1/2, log2(e) - 1, then (ln(1 + m) - m + m^2 / 2) / m^3, highest power first
// (Cephes coefficients).
// @ts-ignore: decorator
@lazy @inline
const MANTISSA = memory.data<u32>([0x007fffff, 0x3f000000, 126]);
// @ts-ignore: decorator
@lazy @inline
const LOGARITHM = memory.data<f32>([
  0.70710678118654752, 0.5, 0.44269504088896341, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1,
  1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);

/** log2 x of normal positive numbers, within 2 ulp of max(|log2 x|, 1). */
// @ts-ignore: decorator
@inline
export function logarithm2Vector(x: v128): v128 {
  // x = 2^exponent (1 + m) with 1 + m in [sqrt(1/2), sqrt(2))
  let exponent = i32x4.sub(i32x4.shr_u(x, 23), constant(MANTISSA, 2));
  const fraction = v128.or(v128.and(x, constant(MANTISSA, 0)), constant(MANTISSA, 1));
  const low = f32x4.lt(fraction, constant(LOGARITHM, 0));
  exponent = i32x4.add(exponent, low);
  const m = f32x4.sub(f32x4.add(fraction, v128.and(fraction, low)), one());
  let p = constant(LOGARITHM, 3);
  p = horner(p, m, LOGARITHM, 4);
  p = horner(p, m, LOGARITHM, 5);
  p = horner(p, m, LOGARITHM, 6);
  p = horner(p, m, LOGARITHM, 7);
  p = horner(p, m, LOGARITHM, 8);
  p = horner(p, m, LOGARITHM, 9);
  p = horner(p, m, LOGARITHM, 10);
  p = horner(p, m, LOGARITHM, 11);
  const square = f32x4.mul(m, m);
  const rest = f32x4.sub(f32x4.mul(f32x4.mul(p, m), square), f32x4.mul(square, constant(LOGARITHM, 1)));
  // (m + rest) log2(e), smallest terms first
  const excess = constant(LOGARITHM, 2);
  let sum = f32x4.add(f32x4.mul(rest, excess), f32x4.mul(m, excess));
  sum = f32x4.add(f32x4.add(sum, rest), m);
  return f32x4.add(sum, f32x4.convert_i32x4_s(exponent));
}

// Quarter turn, then sin(2 pi w) / w in powers of w^2 on |w| <= 1/4, highest first: a weighted least-squares fit,
// relative error 5e-9 before rounding.
// @ts-ignore: decorator
@lazy @inline
const COSINE = memory.data<f32>([0.25, 39.7108972, -76.5749899, 81.6022312, -41.3416775, 6.28318527]);

/** cos(2 pi x): the angle is in turns, so that its reduction is exact. */
// @ts-ignore: decorator
@inline
export function cosineOfTurnsVector(x: v128): v128 {
  const turn = f32x4.abs(f32x4.sub(x, f32x4.nearest(x)));
  const w = f32x4.sub(constant(COSINE, 0), turn);
  const square = f32x4.mul(w, w);
  let p = constant(COSINE, 1);
  p = horner(p, square, COSINE, 2);
  p = horner(p, square, COSINE, 3);
  p = horner(p, square, COSINE, 4);
  p = horner(p, square, COSINE, 5);
  return f32x4.mul(p, w);
}

/** output[i] = e ** input[i] */
export function exponential(count: i32, input: usize, output: usize): void {
  const end = output + (<usize>count << 2);
  const behind = v128.load(end);
  for (; count > 0; count -= 4, input += 16, output += 16) v128.store(output, exponentialVector(v128.load(input)));
  v128.store(end, behind);
}
