/**
 * a * b + c in each lane. The strict module multiplies, rounds, adds and rounds again, the same on every machine; the
 * relaxed module lets the machine fuse the two, which is faster and leaves the last bit to it.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
