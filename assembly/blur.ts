import { multiplyAdd } from "./simd";
import { storePart } from "./tail";

/** The Gaussian window of SSIMULACRA 2, in two passes; the row between them stays in the cache. */

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
