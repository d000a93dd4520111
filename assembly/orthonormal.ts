/** Orthonormal rows (Golub & Van Loan, Matrix Computations, section 5.2.8), in 64-bit floats: what rounding leaves of a projection would add up in 32. */

/**
 * Makes the rows of a D x D matrix of floats orthonormal, each by what those before it leave of it. `work` has room for D x D 64-bit floats. Rows must be
 * independent.
 */
export function orthonormalRows(D: i32, matrix: usize, work: usize): void {
  const step = <usize>D << 3;
  for (let i = 0; i < D; i++) {
    const row = work + <usize>i * step;
    const source = matrix + (<usize>i * <usize>D << 2);
    for (let k = 0; k < D; k++) store<f64>(row + (<usize>k << 3), load<f32>(source + (<usize>k << 2)));
    for (let j = 0; j < i; j++) takeAway(D, work + <usize>j * step, row);
    const scale = 1 / Math.sqrt(dot(D, row, row));
    for (let k = 0; k < D; k++) {
      const value = load<f64>(row + (<usize>k << 3)) * scale;
      store<f64>(row + (<usize>k << 3), value);
      store<f32>(source + (<usize>k << 2), <f32>value);
    }
  }
}

/** row -= (row . unit) unit */
// @ts-ignore: decorator
@inline
function takeAway(count: i32, unit: usize, row: usize): void {
  const share = dot(count, unit, row);
  const shares = f64x2.splat(share);
  let k = 0;
  for (; k + 4 <= count; k += 4, unit += 32, row += 32) {
    v128.store(row, f64x2.sub(v128.load(row), f64x2.mul(shares, v128.load(unit))));
    v128.store(row, f64x2.sub(v128.load(row, 16), f64x2.mul(shares, v128.load(unit, 16))), 16);
  }
  for (; k < count; k++, unit += 8, row += 8) store<f64>(row, load<f64>(row) - share * load<f64>(unit));
}

function dot(count: i32, left: usize, right: usize): f64 {
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
  let k = 0;
  for (; k + 8 <= count; k += 8, left += 64, right += 64) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(left), v128.load(right)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(left, 16), v128.load(right, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(left, 32), v128.load(right, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(left, 48), v128.load(right, 48)));
  }
  const sums = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; k < count; k++, left += 8, right += 8) sum += load<f64>(left) * load<f64>(right);
  return sum;
}
