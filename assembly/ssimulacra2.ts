import { addDoubles, sumOfDoubles } from "./doubles";
import { power } from "./light";
import { multiplyAdd } from "./simd";
import { keepPart, storeMost } from "./tail";

/**
 * SSIMULACRA 2.1 (Sneyers 2023) and its gradient, plane by plane: errors of planes from opsin.ts and of what blur.ts makes of them.
 * src/metric holds the order of the calls and the weights.
 */

/** squares[i] = x[i]^2 + y[i]^2, products[i] = x[i] y[i] */
export function secondMoments(count: i32, x: usize, y: usize, squares: usize, products: usize): void {
  for (; count > 0; count -= 4, x += 16, y += 16, squares += 16, products += 16) {
    const part = min(count, 4);
    const a = v128.load(x), b = v128.load(y);
    storeMost(squares, f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)), part);
    storeMost(products, f32x4.mul(a, b), part);
  }
}

// @ts-ignore: decorator
@lazy @inline
const C2 = memory.data<f32>([0.0009]);

// @ts-ignore: decorator
@inline
function c2(): v128 {
  return v128.load32_splat(C2);
}

/** What the three error maps (ssim, ringing, blur) are made of at four pixels. */
// @ts-ignore: decorator
@inline
function similarity(meanX: v128, meanY: v128, squares: v128, products: v128): v128 {
  const numerator = f32x4.sub(products, f32x4.mul(meanX, meanY));
  const denominator = f32x4.sub(squares, f32x4.add(f32x4.mul(meanX, meanX), f32x4.mul(meanY, meanY)));
  return f32x4.div(f32x4.add(f32x4.add(numerator, numerator), c2()), f32x4.add(denominator, c2()));
}

// @ts-ignore: decorator
@inline
function luminance(meanX: v128, meanY: v128): v128 {
  const difference = f32x4.sub(meanX, meanY);
  return f32x4.sub(f32x4.splat(1), f32x4.mul(difference, difference));
}

// @ts-ignore: decorator
@inline
function edge(x: v128, y: v128, meanX: v128, meanY: v128): v128 {
  const one = f32x4.splat(1);
  const detail = f32x4.add(one, f32x4.abs(f32x4.sub(x, meanX)));
  return f32x4.sub(f32x4.div(f32x4.add(one, f32x4.abs(f32x4.sub(y, meanY))), detail), one);
}

// @ts-ignore: decorator
@inline
function fourth(value: v128): v128 {
  const square = f32x4.mul(value, value);
  return f32x4.mul(square, square);
}

/**
 * Adds to six 64-bit floats the sums of the three error maps and of their fourth powers, over `count` pixels of the planes and of their blurred
 * planes: of x, of y, of the squares and of the products.
 */
export function addErrors(
  count: i32, x: usize, y: usize, meanX: usize, meanY: usize, squares: usize, products: usize, sums: usize,
): void {
  const zero = f32x4.splat(0);
  let ssim = f64x2.splat(0), ringing = f64x2.splat(0), blurring = f64x2.splat(0);
  let ssim4 = f64x2.splat(0), ringing4 = f64x2.splat(0), blurring4 = f64x2.splat(0);
  for (; count > 0; count -= 4) {
    const part = min(count, 4);
    const a = v128.load(x), b = v128.load(y), mx = v128.load(meanX), my = v128.load(meanY);
    const likeness = similarity(mx, my, v128.load(squares), v128.load(products));
    const error = f32x4.sub(f32x4.splat(1), f32x4.mul(luminance(mx, my), likeness));
    const d = keepPart(f32x4.pmax(error, zero), part);
    const e = keepPart(edge(a, b, mx, my), part);
    const sharper = f32x4.pmax(e, zero);
    const softer = f32x4.pmax(f32x4.neg(e), zero);
    ssim = addDoubles(ssim, d);
    ssim4 = addDoubles(ssim4, fourth(d));
    ringing = addDoubles(ringing, sharper);
    ringing4 = addDoubles(ringing4, fourth(sharper));
    blurring = addDoubles(blurring, softer);
    blurring4 = addDoubles(blurring4, fourth(softer));
    x += 16;
    y += 16;
    meanX += 16;
    meanY += 16;
    squares += 16;
    products += 16;
  }
  addTo(sums, 0, ssim);
  addTo(sums, 1, ringing);
  addTo(sums, 2, blurring);
  addTo(sums, 3, ssim4);
  addTo(sums, 4, ringing4);
  addTo(sums, 5, blurring4);
}

// @ts-ignore: decorator
@inline
function addTo(sums: usize, index: usize, sum: v128): void {
  const at = sums + (index << 3);
  store<f64>(at, load<f64>(at) + sumOfDoubles(sum));
}

/** linear + cubic * value^3 */
// @ts-ignore: decorator
@inline
function slopeOf(value: v128, linear: v128, cubic: v128): v128 {
  return f32x4.add(linear, f32x4.mul(cubic, f32x4.mul(value, f32x4.mul(value, value))));
}

/**
 * The slopes of a sum of the error maps, each map m as factors[m] * map + factors[3 + m] / 4 * map^4 (32-bit floats), by y where it stands alone, and
 * by the blurred planes: `meanY` (in place of it), `squares` and `products` (in place of them).
 */
export function errorSlopes(
  count: i32, x: usize, y: usize, meanX: usize, meanY: usize, squares: usize, products: usize, factors: usize, direct: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const ssim = v128.load32_splat(factors), ringing = v128.load32_splat(factors + 4), blurring = v128.load32_splat(factors + 8);
  const ssim4 = v128.load32_splat(factors + 12);
  const ringing4 = v128.load32_splat(factors + 16);
  const blurring4 = v128.load32_splat(factors + 20);
  for (; count > 0; count -= 4) {
    const part = min(count, 4);
    const a = v128.load(x), b = v128.load(y), mx = v128.load(meanX), my = v128.load(meanY);
    const square = v128.load(squares);
    const likeness = similarity(mx, my, square, v128.load(products));
    const light = luminance(mx, my);
    const d = f32x4.sub(one, f32x4.mul(light, likeness));
    const slopeD = v128.and(slopeOf(d, ssim, ssim4), f32x4.gt(d, zero));
    const e = edge(a, b, mx, my);
    const sharper = v128.and(slopeOf(e, ringing, ringing4), f32x4.gt(e, zero));
    const softer = v128.and(slopeOf(f32x4.neg(e), blurring, blurring4), f32x4.lt(e, zero));

    const away = f32x4.sub(b, my);
    const detail = f32x4.add(one, f32x4.abs(f32x4.sub(a, mx)));
    // The sign of y - its mean; the slope at equality does not matter.
    const sign = v128.or(one, v128.and(away, f32x4.splat(-0.0)));
    const slopeE = f32x4.div(f32x4.mul(f32x4.sub(sharper, softer), sign), detail);

    const variances = f32x4.sub(square, f32x4.add(f32x4.mul(mx, mx), f32x4.mul(my, my)));
    const share = f32x4.div(f32x4.mul(slopeD, light), f32x4.add(variances, c2()));
    const difference = f32x4.sub(mx, my);
    const slopeMean = f32x4.add(
      f32x4.mul(f32x4.mul(slopeD, likeness), difference),
      f32x4.mul(share, f32x4.sub(f32x4.mul(likeness, my), mx)),
    );
    storeMost(direct, slopeE, part);
    storeMost(meanY, f32x4.neg(f32x4.add(f32x4.add(slopeMean, slopeMean), slopeE)), part);
    storeMost(squares, f32x4.mul(share, likeness), part);
    storeMost(products, f32x4.neg(f32x4.add(share, share)), part);
    x += 16;
    y += 16;
    meanX += 16;
    meanY += 16;
    squares += 16;
    products += 16;
    direct += 16;
  }
}

/** direct[i] += meanY[i] + 2 y[i] squares[i] + x[i] products[i] */
export function joinSlopes(
  count: i32, x: usize, y: usize, meanY: usize, squares: usize, products: usize, direct: usize,
): void {
  for (; count > 0; count -= 4, x += 16, y += 16, meanY += 16, squares += 16, products += 16, direct += 16) {
    const b = v128.load(y);
    let sum = f32x4.add(v128.load(direct), v128.load(meanY));
    sum = multiplyAdd(f32x4.add(b, b), v128.load(squares), sum);
    sum = multiplyAdd(v128.load(x), v128.load(products), sum);
    storeMost(direct, sum, min(count, 4));
  }
}

// @ts-ignore: decorator
@lazy @inline
const SCORE = memory.data<f64>([
  0.9562382616834844, 2.326765642916932, -0.020884521182843837, 6.248496625763138e-5, 0.6276336467831387,
]);

// @ts-ignore: decorator
@inline
function scoring(index: usize): f64 {
  return load<f64>(SCORE + (index << 3));
}

/** The score of a weighted sum of errors, and its slope by that sum: two 64-bit floats at `output`. Exact copies have 100 and the slope 0. */
export function scoreOfErrors(sum: f64, output: usize): void {
  const s = sum * scoring(0);
  const z = s * (scoring(1) + s * (scoring(2) + s * scoring(3)));
  if (z < 1e-9) {
    store<f64>(output, 100);
    store<f64>(output, 0, 8);
    return;
  }
  const exponent = f32x4.splat(<f32>scoring(4));
  const drop = 10 * <f64>f32x4.extract_lane(power(f32x4.splat(<f32>z), exponent), 0);
  const slope = scoring(0) * (scoring(1) + s * (2 * scoring(2) + s * 3 * scoring(3)));
  store<f64>(output, 100 - drop);
  store<f64>(output, (-drop * scoring(4) * slope) / z, 8);
}
