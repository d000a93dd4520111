import { sumOfDoubles } from "./doubles";
import { multiplyAdd } from "./simd";
import { loadPart, storePart } from "./tail";

/** Runs of floats, and matrices of N rows by C columns met column by column. */

/** output[i] = value */
export function fill(count: i32, value: f32, output: usize): void {
  const vector = f32x4.splat(value);
  for (; count >= 4; count -= 4, output += 16) v128.store(output, vector);
  if (count > 0) storePart(output, vector, count);
}

/** output[i] = left[i] + right[i] */
export function add(count: i32, left: usize, right: usize, output: usize): void {
  for (; count >= 4; count -= 4, left += 16, right += 16, output += 16) {
    v128.store(output, f32x4.add(v128.load(left), v128.load(right)));
  }
  if (count > 0) storePart(output, f32x4.add(v128.load(left), v128.load(right)), count);
}

/** output[i] = left[i] * right[i] */
export function multiply(count: i32, left: usize, right: usize, output: usize): void {
  for (; count >= 4; count -= 4, left += 16, right += 16, output += 16) {
    v128.store(output, f32x4.mul(v128.load(left), v128.load(right)));
  }
  if (count > 0) storePart(output, f32x4.mul(v128.load(left), v128.load(right)), count);
}

/** output[i] += factor * input[i] */
export function addScaled(count: i32, factor: f32, input: usize, output: usize): void {
  const factors = f32x4.splat(factor);
  for (; count >= 4; count -= 4, input += 16, output += 16) {
    v128.store(output, multiplyAdd(factors, v128.load(input), v128.load(output)));
  }
  if (count > 0) storePart(output, multiplyAdd(factors, v128.load(input), v128.load(output)), count);
}

/** output[i] += (input[i] - output[i]) * fraction */
export function moveTowards(count: i32, fraction: f32, input: usize, output: usize): void {
  const fractions = f32x4.splat(fraction);
  for (; count >= 4; count -= 4, input += 16, output += 16) {
    const current = v128.load(output);
    v128.store(output, multiplyAdd(f32x4.sub(v128.load(input), current), fractions, current));
  }
  if (count > 0) {
    const current = v128.load(output);
    storePart(output, multiplyAdd(f32x4.sub(v128.load(input), current), fractions, current), count);
  }
}

/** The 64-bit float at `output` = sum of input[i] ** 2 */
export function sumOfSquares(count: i32, input: usize, output: usize): void {
  let sum = f64x2.splat(0);
  for (; count > 0; count -= 4, input += 16) {
    const x = loadPart(input, min(count, 4));
    const low = f64x2.promote_low_f32x4(x);
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
    sum = f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
  }
  store<f64>(output, sumOfDoubles(sum));
}

/** output[n][c] = input[n][c] * scale[c] */
export function scaleColumns(N: i32, C: i32, input: usize, scale: usize, output: usize): void {
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++, input += rowBytes, output += rowBytes) multiply(C, input, scale, output);
}

/** output[n][c] = row[c] */
export function repeatRow(N: i32, C: i32, row: usize, output: usize): void {
  const rowBytes = <usize>C << 2;
  for (let n = 0; n < N; n++, output += rowBytes) memory.copy(output, row, rowBytes);
}

/** output[c] = [output[c] +] sum over n of input[n][c] */
export function sumColumns(N: i32, C: i32, input: usize, output: usize, accumulate: i32): void {
  const rowBytes = <usize>C << 2;
  // Sixteen columns at a time: a cache line of every row.
  for (; C >= 16; C -= 16, input += 64, output += 64) {
    let sum0 = start(output, 4, accumulate);
    let sum1 = start(output + 16, 4, accumulate);
    let sum2 = start(output + 32, 4, accumulate);
    let sum3 = start(output + 48, 4, accumulate);
    for (let n = 0, row = input; n < N; n++, row += rowBytes) {
      sum0 = f32x4.add(sum0, v128.load(row));
      sum1 = f32x4.add(sum1, v128.load(row, 16));
      sum2 = f32x4.add(sum2, v128.load(row, 32));
      sum3 = f32x4.add(sum3, v128.load(row, 48));
    }
    v128.store(output, sum0);
    v128.store(output, sum1, 16);
    v128.store(output, sum2, 32);
    v128.store(output, sum3, 48);
  }
  for (; C > 0; C -= 4, input += 16, output += 16) {
    const part = min(C, 4);
    let sum = start(output, part, accumulate);
    for (let n = 0, row = input; n < N; n++, row += rowBytes) sum = f32x4.add(sum, loadPart(row, part));
    storePart(output, sum, part);
  }
}

/** output[c] = [output[c] +] sum over n of left[n][c] * right[n][c] */
export function sumColumnProducts(N: i32, C: i32, left: usize, right: usize, output: usize, accumulate: i32): void {
  const rowBytes = <usize>C << 2;
  for (; C > 0; C -= 4, left += 16, right += 16, output += 16) {
    const part = min(C, 4);
    let sum = start(output, part, accumulate);
    for (let n = 0, offset: usize = 0; n < N; n++, offset += rowBytes) {
      sum = multiplyAdd(v128.load(left + offset), v128.load(right + offset), sum);
    }
    storePart(output, sum, part);
  }
}

/** What a sum over rows starts from. */
// @ts-ignore: decorator
@inline
function start(output: usize, part: i32, accumulate: i32): v128 {
  return accumulate ? loadPart(output, part) : f32x4.splat(0);
}
