/** Sums of many floats in two lanes of 64 bits. */

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
