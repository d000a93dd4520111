import { storePart } from "./tail";
import { cosineOfTurnsVector, logarithm2Vector } from "./vectormath";

/**
 * xoshiro128++ (Blackman & Vigna 2021, figure 1) in four lanes, each a generator of its own. The state is four vectors of
 * four 32-bit words: 64 bytes that can be saved and put back.
 */

/** Fills the state from a 32-bit seed by splitmix32, so that near seeds give unlike streams. */
export function seedRandom(seed: i32, state: usize): void {
  let counter = <u32>seed;
  for (let word: usize = 0; word < 64; word += 4) {
    counter += 0x9e3779b9;
    let mixed = counter;
    mixed = (mixed ^ (mixed >> 16)) * 0x21f0aaad;
    mixed = (mixed ^ (mixed >> 15)) * 0x735a2d97;
    store<u32>(state + word, mixed ^ (mixed >> 15));
  }
}

/** The next 32 random bits of each lane. */
// @ts-ignore: decorator
@inline
function next(state: usize): v128 {
  let s0 = v128.load(state);
  let s1 = v128.load(state, 16);
  let s2 = v128.load(state, 32);
  let s3 = v128.load(state, 48);
  const result = i32x4.add(rotate(i32x4.add(s0, s3), 7), s0);
  const shifted = i32x4.shl(s1, 9);
  s2 = v128.xor(s2, s0);
  s3 = v128.xor(s3, s1);
  s1 = v128.xor(s1, s2);
  s0 = v128.xor(s0, s3);
  v128.store(state, s0);
  v128.store(state, s1, 16);
  v128.store(state, v128.xor(s2, shifted), 32);
  v128.store(state, rotate(s3, 11), 48);
  return result;
}

// @ts-ignore: decorator
@inline
function rotate(words: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(words, bits), i32x4.shr_u(words, 32 - bits));
}

/** Uniform in [0, 1): the upper 24 bits, each of the 2^24 values exact. */
// @ts-ignore: decorator
@inline
export function nextUniform(state: usize): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(next(state), 8)), f32x4.splat(<f32>(1.0 / 16777216.0)));
}

/** output[i] uniform in [0, 1) */
export function randomUniform(count: i32, state: usize, output: usize): void {
  for (; count > 0; count -= 4, output += 16) storePart(output, nextUniform(state), min(count, 4));
}

// -2 ln 2, and the quarter turn that makes a sine of a cosine for the upper two lanes
// @ts-ignore: decorator
@lazy @inline
const MINUS_2_LOG_2 = memory.data<f32>([-1.3862943611198906]);
// @ts-ignore: decorator
@lazy @inline
const QUARTER = memory.data<f32>([0, 0, 0.25, 0.25]);

/**
 * output[i] standard normal (Box & Muller 1958): of four uniform numbers the first two give radii, the last two angles;
 * each radius and angle give a cosine and a sine.
 */
export function randomNormal(count: i32, state: usize, output: usize): void {
  for (; count > 0; count -= 4, output += 16) {
    const draw = nextUniform(state);
    const chance = f32x4.sub(f32x4.splat(1), v128.shuffle<i32>(draw, draw, 0, 1, 0, 1));
    const turns = f32x4.sub(v128.shuffle<i32>(draw, draw, 2, 3, 2, 3), v128.load(QUARTER));
    const radius = f32x4.sqrt(f32x4.mul(logarithm2Vector(chance), v128.load32_splat(MINUS_2_LOG_2)));
    storePart(output, f32x4.mul(radius, cosineOfTurnsVector(turns)), min(count, 4));
  }
}
