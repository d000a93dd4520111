import { storeMost } from "./tail";
import { exponentialVector, logarithm2Vector } from "./vectormath";

/** sRGB samples <-> linear light, and the planes of pictures: H rows of W floats without gaps, one plane after the other. */

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
export function power(base: v128, exponent: v128): v128 {
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
