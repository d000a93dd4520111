/** 64-bit floats: sums of many floats in two lanes, and runs of them. */

/** Adds the four floats of `vector` to the two sums. */
// @ts-ignore: decorator
@inline
export function addDoubles(sums: v128, vector: v128): v128 {
  const low = f64x2.promote_low_f32x4(vector);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(vector, vector, 1, 1));
  return f64x2.add(sums, f64x2.add(low, high));
}

// @ts-ignore: decorator
@inline
export function sumOfDoubles(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + (<usize>index << 3);
}

/** Sum of the products of two runs of 64-bit floats. */
export function dot(count: i32, left: usize, right: usize): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    even = f64x2.add(even, f64x2.mul(v128.load(at(left, k)), v128.load(at(right, k))));
    odd = f64x2.add(odd, f64x2.mul(v128.load(at(left, k), 16), v128.load(at(right, k), 16)));
  }
  const sums = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; k < count; k++) sum += load<f64>(at(left, k)) * load<f64>(at(right, k));
  return sum;
}

/** target += factor * source */
export function addMultiple(count: i32, factor: f64, source: usize, target: usize): void {
  const factors = f64x2.splat(factor);
  let k = 0;
  for (; k + 2 <= count; k += 2) {
    v128.store(at(target, k), f64x2.add(v128.load(at(target, k)), f64x2.mul(factors, v128.load(at(source, k)))));
  }
  if (k < count) store<f64>(at(target, k), load<f64>(at(target, k)) + factor * load<f64>(at(source, k)));
}

export function scale(count: i32, factor: f64, target: usize): void {
  for (let k = 0; k < count; k++) store<f64>(at(target, k), load<f64>(at(target, k)) * factor);
}
