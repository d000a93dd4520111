/**
 * What 128-bit SIMD can do at most on one core: multiplications and additions that touch no memory, in enough
 * independent chains to hide their latencies. Every chain feeds itself, so no compiler can move work out of the loop.
 * The relaxed build fuses the two; both count two operations a lane.
 */
const out: usize = memory.data(16, 16);

/** Performs `turns` x 48 floating-point operations (12 a lane). */
export function separate(turns: i32): void {
  const one = f32x4.splat(1),
    zero = f32x4.splat(0);
  let p0 = one,
    p1 = one,
    p2 = one,
    p3 = one,
    p4 = one,
    p5 = one;
  let s0 = zero,
    s1 = zero,
    s2 = zero,
    s3 = zero,
    s4 = zero,
    s5 = zero;
  const factor = v128.load(out),
    term = v128.load(out);
  while (turns-- > 0) {
    p0 = f32x4.mul(p0, factor);
    s0 = f32x4.add(s0, term);
    p1 = f32x4.mul(p1, factor);
    s1 = f32x4.add(s1, term);
    p2 = f32x4.mul(p2, factor);
    s2 = f32x4.add(s2, term);
    p3 = f32x4.mul(p3, factor);
    s3 = f32x4.add(s3, term);
    p4 = f32x4.mul(p4, factor);
    s4 = f32x4.add(s4, term);
    p5 = f32x4.mul(p5, factor);
    s5 = f32x4.add(s5, term);
  }
  let sum = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(f32x4.add(p0, p1), f32x4.add(p2, p3)), f32x4.add(p4, p5)));
  v128.store(out, f32x4.mul(sum, zero));
}

/** Performs `turns` x 96 floating-point operations (24 a lane), multiplication and addition fused where the engine can. */
export function fused(turns: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const zero = f32x4.splat(0);
    let s0 = zero,
      s1 = zero,
      s2 = zero,
      s3 = zero,
      s4 = zero,
      s5 = zero;
    let s6 = zero,
      s7 = zero,
      s8 = zero,
      s9 = zero,
      s10 = zero,
      s11 = zero;
    const a = v128.load(out),
      b = v128.load(out);
    while (turns-- > 0) {
      s0 = f32x4.relaxed_madd(s0, a, b);
      s1 = f32x4.relaxed_madd(s1, a, b);
      s2 = f32x4.relaxed_madd(s2, a, b);
      s3 = f32x4.relaxed_madd(s3, a, b);
      s4 = f32x4.relaxed_madd(s4, a, b);
      s5 = f32x4.relaxed_madd(s5, a, b);
      s6 = f32x4.relaxed_madd(s6, a, b);
      s7 = f32x4.relaxed_madd(s7, a, b);
      s8 = f32x4.relaxed_madd(s8, a, b);
      s9 = f32x4.relaxed_madd(s9, a, b);
      s10 = f32x4.relaxed_madd(s10, a, b);
      s11 = f32x4.relaxed_madd(s11, a, b);
    }
    let sum = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
    sum = f32x4.add(sum, f32x4.add(f32x4.add(f32x4.add(s6, s7), f32x4.add(s8, s9)), f32x4.add(s10, s11)));
    v128.store(out, f32x4.mul(sum, zero));
  }
}
