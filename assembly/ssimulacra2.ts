import { addDoubles, sumOfDoubles } from "./doubles";
import { multiplyAdd } from "./simd";
import { keepPart, loadPart, storeMost, storePart } from "./tail";
import { exponentialVector, logarithm2Vector } from "./vectormath";

/**
 * SSIMULACRA 2.1 (Sneyers 2023) and its gradient, plane by plane. A plane is H rows of W floats without gaps; the planes of a picture follow one
 * another. src/metric/ssimulacra2.ts holds the order of the calls and the weights.
 */

// Of the sRGB curve: where it stops to be linear, 1 / 12.92, 0.055, 1 / 1.055, 2.4, 2.4 / 1.055, 1.4, and ln 2.
// @ts-ignore: decorator
@lazy @inline
const CURVE = memory.data<f32>([0.04045, 0.07739938080495357, 0.055, 0.9478672985781991, 2.4, 2.2748815165876777, 1.4, 0.6931471805599453]);

// @ts-ignore: decorator
@inline
function curve(index: usize): v128 {
  return v128.load32_splat(CURVE + (index << 2));
}

/** base ** exponent for normal positive numbers. */
// @ts-ignore: decorator
@inline
function power(base: v128, exponent: v128): v128 {
  return exponentialVector(f32x4.mul(f32x4.mul(logarithm2Vector(base), exponent), curve(7)));
}

// @ts-ignore: decorator
@inline
function clampUnit(value: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, f32x4.splat(0)), f32x4.splat(1));
}

/** linear[i] = light of the sRGB sample samples[i] + 0.5, held within 0 .. 1 */
export function linearLight(count: i32, samples: usize, linear: usize): void {
  const half = f32x4.splat(0.5);
  for (; count > 0; count -= 4, samples += 16, linear += 16) {
    const value = clampUnit(f32x4.add(v128.load(samples), half));
    const low = f32x4.mul(value, curve(1));
    const high = power(f32x4.mul(f32x4.add(value, curve(2)), curve(3)), curve(4));
    storeMost(linear, v128.bitselect(low, high, f32x4.le(value, curve(0))), min(count, 4));
  }
}

/** gradient[i] += factor * linearGradient[i] * slope of linearLight at samples[i]; the slope is 0 for samples that are held. */
export function linearLightGradient(count: i32, samples: usize, linearGradient: usize, factor: f32, gradient: usize): void {
  const half = f32x4.splat(0.5);
  const factors = f32x4.splat(factor);
  for (; count > 0; count -= 4, samples += 16, linearGradient += 16, gradient += 16) {
    const given = f32x4.add(v128.load(samples), half);
    const value = clampUnit(given);
    const high = f32x4.mul(power(f32x4.mul(f32x4.add(value, curve(2)), curve(3)), curve(6)), curve(5));
    const slope = v128.and(v128.bitselect(curve(1), high, f32x4.le(value, curve(0))), f32x4.eq(value, given));
    const change = f32x4.mul(f32x4.mul(v128.load(linearGradient), factors), slope);
    storeMost(gradient, f32x4.add(v128.load(gradient), change), min(count, 4));
  }
}

/** planes[c][i] = table[pixels[i * pixelChannels + c]] for C channels; planes are `plane` floats apart. */
export function lookUpPlanes(
  count: i32, C: i32, pixels: usize, pixelChannels: i32, table: usize, plane: i32, planes: usize,
): void {
  for (let c = 0; c < C; c++, pixels++, planes += <usize>plane << 2) {
    let pixel = pixels;
    let to = planes;
    for (let i = 0; i < count; i++, pixel += <usize>pixelChannels, to += 4) {
      store<f32>(to, load<f32>(table + (<usize>load<u8>(pixel) << 2)));
    }
  }
}

/** planes[c][i] = samples[i * C + c] */
export function splitChannels(count: i32, C: i32, samples: usize, plane: i32, planes: usize): void {
  for (let c = 0; c < C; c++, samples += 4, planes += <usize>plane << 2) {
    let from = samples;
    let to = planes;
    for (let i = 0; i < count; i++, from += <usize>C << 2, to += 4) store<f32>(to, load<f32>(from));
  }
}

/** The inverse. */
export function joinChannels(count: i32, C: i32, plane: i32, planes: usize, samples: usize): void {
  for (let c = 0; c < C; c++, samples += 4, planes += <usize>plane << 2) {
    let from = planes;
    let to = samples;
    for (let i = 0; i < count; i++, from += 4, to += <usize>C << 2) store<f32>(to, load<f32>(from));
  }
}

/** output (ceil(H / 2), ceil(W / 2)) = means of 2 x 2; an odd last row or column stands in for the one that is missing. */
export function halvePlane(H: i32, W: i32, input: usize, output: usize): void {
  const line = <usize>W << 2;
  for (let y = 0; y < H; y += 2, input += 2 * line) {
    const below = y + 1 < H ? input + line : input;
    let at: usize = 0;
    let x = 0;
    for (; x + 8 <= W; x += 8, at += 32, output += 16) {
      const left = f32x4.add(v128.load(input + at), v128.load(below + at));
      const right = f32x4.add(v128.load(input + at, 16), v128.load(below + at, 16));
      const even = v128.shuffle<f32>(left, right, 0, 2, 4, 6);
      const odd = v128.shuffle<f32>(left, right, 1, 3, 5, 7);
      v128.store(output, f32x4.mul(f32x4.add(even, odd), f32x4.splat(0.25)));
    }
    for (; x < W; x += 2, at += 8, output += 4) {
      const next = x + 1 < W ? at + 4 : at;
      const left = load<f32>(input + at) + load<f32>(below + at);
      const right = load<f32>(input + next) + load<f32>(below + next);
      store<f32>(output, (left + right) * 0.25);
    }
  }
}

/** The adjoint, added: gradient (H, W) += what halvePlane passes back of `halved`. */
export function halvePlaneGradient(H: i32, W: i32, halved: usize, gradient: usize): void {
  const halfLine = <usize>((W + 1) >> 1) << 2;
  for (let y = 0; y < H; y++) {
    const vertical: f32 = y == H - 1 && !(y & 1) ? 0.5 : 0.25;
    const from = halved + <usize>(y >> 1) * halfLine;
    const factor = f32x4.splat(vertical);
    let x = 0;
    for (; x + 8 <= W; x += 8, gradient += 32) {
      const four = f32x4.mul(v128.load(from + (<usize>x << 1)), factor);
      v128.store(gradient, f32x4.add(v128.load(gradient), v128.shuffle<f32>(four, four, 0, 0, 1, 1)));
      v128.store(gradient, f32x4.add(v128.load(gradient, 16), v128.shuffle<f32>(four, four, 2, 2, 3, 3)), 16);
    }
    for (; x < W; x++, gradient += 4) {
      const horizontal: f32 = x == W - 1 && !(x & 1) ? 2 : 1;
      const value = load<f32>(from + (<usize>(x >> 1) << 2)) * vertical * horizontal;
      store<f32>(gradient, load<f32>(gradient) + value);
    }
  }
}

// Rows of the opsin matrix (JPEG XL, ISO/IEC 18181-1, annex L.2), its bias, the bias' cube root.
// @ts-ignore: decorator
@lazy @inline
const OPSIN = memory.data<f32>([
  0.3, 0.622, 0.078, 0.23, 0.692, 0.078, 0.24342268924547819, 0.20476744424496821, 0.5518098665095536, 0.0037930732552754493,
  0.15595420054924863,
]);
// A third; then what scales and shifts X, Y and B: 14, 0.42, 0.01, 0.55.
// @ts-ignore: decorator
@lazy @inline
const CONSTANTS = memory.data<f32>([0.3333333333333333, 14, 0.42, 0.01, 0.55]);

// @ts-ignore: decorator
@inline
function opsin(index: usize): v128 {
  return v128.load32_splat(OPSIN + (index << 2));
}

// @ts-ignore: decorator
@inline
function shape(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

/** Cube root of positive numbers: a third of the exponent as a guess, then two steps of Halley's method. */
// @ts-ignore: decorator
@inline
function cubeRoot(x: v128): v128 {
  // The bits of a float are nearly a logarithm: a third of them and two thirds of those of 1 are those of the cube root.
  const third = f32x4.mul(f32x4.convert_i32x4_s(x), shape(0));
  let guess = i32x4.add(i32x4.trunc_sat_f32x4_s(third), i32x4.splat(0x2a5137a0));
  for (let i = 0; i < 2; i++) {
    const cube = f32x4.mul(f32x4.mul(guess, guess), guess);
    const twice = f32x4.add(cube, cube);
    guess = f32x4.mul(guess, f32x4.div(f32x4.add(cube, f32x4.add(x, x)), f32x4.add(twice, x)));
  }
  return guess;
}

// @ts-ignore: decorator
@inline
function cone(red: v128, green: v128, blue: v128, row: usize): v128 {
  const sum = multiplyAdd(red, opsin(row), multiplyAdd(green, opsin(row + 1), multiplyAdd(blue, opsin(row + 2), opsin(9))));
  return cubeRoot(sum);
}

/**
 * The planes X, Y and B of linear light (planes `plane` floats apart; one plane where `C` is 1): of XYB, scaled and shifted to be positive.
 * `X` and `B` 0: not wanted.
 */
export function opsinPlanes(count: i32, C: i32, linear: usize, plane: i32, X: usize, Y: usize, B: usize): void {
  const next: usize = C == 1 ? 0 : <usize>plane << 2;
  const bias = opsin(10);
  for (; count > 0; count -= 4, linear += 16) {
    const part = min(count, 4);
    const red = v128.load(linear), green = v128.load(linear + next), blue = v128.load(linear + 2 * next);
    const long = f32x4.sub(cone(red, green, blue, 0), bias);
    const middle = f32x4.sub(cone(red, green, blue, 3), bias);
    const y = f32x4.mul(f32x4.add(long, middle), f32x4.splat(0.5));
    storeMost(Y, f32x4.add(y, shape(3)), part);
    Y += 16;
    if (X) {
      const x = f32x4.mul(f32x4.sub(long, middle), f32x4.splat(0.5));
      storeMost(X, f32x4.add(f32x4.mul(x, shape(1)), shape(2)), part);
      X += 16;
    }
    if (B) {
      const short = f32x4.sub(cone(red, green, blue, 6), bias);
      storeMost(B, f32x4.add(f32x4.sub(short, y), shape(4)), part);
      B += 16;
    }
  }
}

/** The gradient by a cone's light from that by its cube root, whose value less the bias is `value`. */
// @ts-ignore: decorator
@inline
function coneGradient(value: v128, gradient: v128): v128 {
  const cubeRoot = f32x4.add(value, opsin(10));
  return f32x4.div(f32x4.mul(gradient, shape(0)), f32x4.mul(cubeRoot, cubeRoot));
}

/**
 * gradient planes (by linear light) += what opsinPlanes passes back of the gradients by its planes, given these planes. Planes that were not wanted
 * are 0 here, too: without X the two cones of Y are taken to be as strong, by `linear`.
 */
export function opsinPlanesGradient(
  count: i32, C: i32, linear: usize, plane: i32, X: usize, Y: usize, B: usize,
  gradientX: usize, gradientY: usize, gradientB: usize, gradient: usize,
): void {
  const next: usize = C == 1 ? 0 : <usize>plane << 2;
  const half = f32x4.splat(0.5);
  for (; count > 0; count -= 4, linear += 16, Y += 16, gradientY += 16, gradient += 16) {
    const part = min(count, 4);
    const y = f32x4.sub(v128.load(Y), shape(3));
    let slopeY = v128.load(gradientY);
    let slopeX = f32x4.splat(0);
    let slopeB = f32x4.splat(0);
    let long: v128, middle: v128;
    if (X) {
      const x = f32x4.div(f32x4.sub(v128.load(X), shape(2)), shape(1));
      long = f32x4.add(y, x);
      middle = f32x4.sub(y, x);
      slopeX = f32x4.mul(v128.load(gradientX), shape(1));
      X += 16;
      gradientX += 16;
    } else {
      const red = v128.load(linear), green = v128.load(linear + next), blue = v128.load(linear + 2 * next);
      long = f32x4.sub(cone(red, green, blue, 0), opsin(10));
      middle = f32x4.sub(cone(red, green, blue, 3), opsin(10));
    }
    if (B) {
      const raw = v128.load(gradientB);
      const short = f32x4.add(f32x4.sub(v128.load(B), shape(4)), y);
      slopeB = coneGradient(short, raw);
      slopeY = f32x4.sub(slopeY, raw);
      B += 16;
      gradientB += 16;
    }
    const slopeLong = coneGradient(long, f32x4.mul(f32x4.add(slopeY, slopeX), half));
    const slopeMiddle = coneGradient(middle, f32x4.mul(f32x4.sub(slopeY, slopeX), half));
    for (let c: usize = 0; c < 3; c++) {
      const target = gradient + c * next;
      let sum = v128.load(target);
      sum = multiplyAdd(slopeLong, opsin(c), sum);
      sum = multiplyAdd(slopeMiddle, opsin(c + 3), sum);
      sum = multiplyAdd(slopeB, opsin(c + 6), sum);
      storeMost(target, sum, part);
    }
  }
}

// e^(-i^2 / 4.5), i = 0 .. 5, divided by their sum over i = -5 .. 5.
// @ts-ignore: decorator
@lazy @inline
const TAPS = memory.data<f32>([
  0.2660117248617943, 0.21300553771125366, 0.1093606895097, 0.03600077212843082, 0.007598758135239184,
  0.0010283800844791099,
]);
const radius = 5;

// @ts-ignore: decorator
@inline
function tap(index: usize): v128 {
  return v128.load32_splat(TAPS + (index << 2));
}

/** Bytes of the work space of blurRows. */
// @ts-ignore: decorator
@inline
function paddedRow(W: i32): usize {
  return <usize>(W + 4 * radius + 12) << 2;
}

/**
 * Rows `from` to `to` - 1 of the plane, blurred by 11 x 11 taps of a Gaussian of standard deviation 1.5; outside of the plane there is nothing.
 * `work` has room for W + 32 floats.
 */
export function blurRows(H: i32, W: i32, from: i32, to: i32, input: usize, work: usize, output: usize): void {
  const line = <usize>W << 2;
  memory.fill(work, 0, paddedRow(W));
  const row = work + (8 << 2);
  for (let y = from; y < to; y++, output += line) {
    const centre = input + <usize>y * line;
    if (y >= radius && y + radius < H) blurColumn(W, centre, line, row);
    else blurColumnAtBorder(H, W, y, centre, line, row);
    // What lies behind a row's last whole vector was written by the last vector.
    for (let i = 0; i < 8; i++) store<f32>(row + line + (<usize>i << 2), 0);
    let source = row - (radius << 2);
    let target = output;
    let count = W;
    for (; count >= 4; count -= 4, source += 16, target += 16) v128.store(target, blurLine(source));
    if (count > 0) storePart(target, blurLine(source), count);
  }
}

/** Four neighbours in a row, the first tap of the first of them at `source`. */
// @ts-ignore: decorator
@inline
function blurLine(source: usize): v128 {
  let sum = f32x4.mul(tap(0), v128.load(source, 20));
  sum = multiplyAdd(tap(1), f32x4.add(v128.load(source, 16), v128.load(source, 24)), sum);
  sum = multiplyAdd(tap(2), f32x4.add(v128.load(source, 12), v128.load(source, 28)), sum);
  sum = multiplyAdd(tap(3), f32x4.add(v128.load(source, 8), v128.load(source, 32)), sum);
  sum = multiplyAdd(tap(4), f32x4.add(v128.load(source, 4), v128.load(source, 36)), sum);
  return multiplyAdd(tap(5), f32x4.add(v128.load(source), v128.load(source, 40)), sum);
}

function blurColumn(W: i32, centre: usize, line: usize, row: usize): void {
  const line2 = line + line, line3 = line2 + line, line4 = line3 + line, line5 = line4 + line;
  for (; W > 0; W -= 4, centre += 16, row += 16) {
    let sum = f32x4.mul(tap(0), v128.load(centre));
    sum = multiplyAdd(tap(1), f32x4.add(v128.load(centre - line), v128.load(centre + line)), sum);
    sum = multiplyAdd(tap(2), f32x4.add(v128.load(centre - line2), v128.load(centre + line2)), sum);
    sum = multiplyAdd(tap(3), f32x4.add(v128.load(centre - line3), v128.load(centre + line3)), sum);
    sum = multiplyAdd(tap(4), f32x4.add(v128.load(centre - line4), v128.load(centre + line4)), sum);
    sum = multiplyAdd(tap(5), f32x4.add(v128.load(centre - line5), v128.load(centre + line5)), sum);
    v128.store(row, sum);
  }
}

function blurColumnAtBorder(H: i32, W: i32, y: i32, centre: usize, line: usize, row: usize): void {
  const first = max(-radius, -y);
  const last = min(radius, H - 1 - y);
  for (; W > 0; W -= 4, centre += 16, row += 16) {
    let sum = f32x4.splat(0);
    for (let d = first; d <= last; d++) {
      sum = multiplyAdd(tap(<usize>(d < 0 ? -d : d)), v128.load(centre + <usize>d * line), sum);
    }
    v128.store(row, sum);
  }
}

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
