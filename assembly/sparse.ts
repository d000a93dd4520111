/** Sparse codes: rows of C units of which only some stay active. N rows. */

/** The bits of a float as an integer of the same order; the inverse is the same function. */
// @ts-ignore: decorator
@inline
function ordered(bits: i32): i32 {
  return bits ^ ((bits >> 31) & i32.MAX_VALUE);
}

// @ts-ignore: decorator
@inline
function orderedVector(bits: v128): v128 {
  return v128.xor(bits, v128.and(i32x4.shr_s(bits, 31), i32x4.splat(i32.MAX_VALUE)));
}

/** How many of C keys are at least `least`. */
function countFrom(C: i32, keys: usize, least: i32): i32 {
  const threshold = i32x4.splat(least);
  let counts = i32x4.splat(0);
  let c = 0;
  // A comparison that holds is -1.
  for (; c + 4 <= C; c += 4) counts = i32x4.sub(counts, i32x4.ge_s(v128.load(keys + (<usize>c << 2)), threshold));
  let count =
    i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; c < C; c++) count += i32(load<i32>(keys + (<usize>c << 2)) >= least);
  return count;
}

/** The largest key that at least `k` (1 .. C) keys reach: bit by bit from the sign down, until just k reach it. */
function keyOfRank(C: i32, k: i32, keys: usize): i32 {
  let key = i32.MIN_VALUE;
  for (let bit = 31; bit >= 0; bit--) {
    const higher = key + (1 << bit);
    const count = countFrom(C, keys, higher);
    if (count >= k) key = higher;
    if (count == k) break;
  }
  return key;
}

/** output[n] = input[n] with all but its `k` (1 .. C) largest elements set to 0; of equals the first stay. In place is allowed. */
export function keepLargest(N: i32, C: i32, k: i32, input: usize, output: usize): void {
  const rowBytes = <usize>C << 2;
  for (; N > 0; N--, input += rowBytes, output += rowBytes) {
    let c: usize = 0;
    for (; c + 16 <= rowBytes; c += 16) v128.store(output + c, orderedVector(v128.load(input + c)));
    for (; c < rowBytes; c += 4) store<i32>(output + c, ordered(load<i32>(input + c)));
    const least = keyOfRank(C, k, output);
    // How many equals of the least key stay.
    let left = least == i32.MAX_VALUE ? k : k - countFrom(C, output, least + 1);
    for (c = 0; c < rowBytes; c += 4) {
      const key = load<i32>(output + c);
      let kept = key > least;
      if (key == least && left > 0) {
        kept = true;
        left--;
      }
      store<i32>(output + c, kept ? ordered(key) : 0);
    }
  }
}

/** gradientInput[i] = gradientOutput[i] where code[i] is not 0, elsewhere 0; in place on the gradient is allowed. */
export function passActive(count: i32, code: usize, gradientOutput: usize, gradientInput: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    store<f32>(gradientInput + i, load<f32>(code + i) == 0 ? 0 : load<f32>(gradientOutput + i));
  }
}
