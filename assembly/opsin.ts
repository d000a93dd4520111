import { multiplyAdd } from "./simd";
import { storeMost } from "./tail";

/** Linear light -> the planes X, Y and B that SSIMULACRA 2 compares. */

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
