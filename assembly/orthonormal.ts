import { addMultiple, at, dot, scale } from "./doubles";

/**
 * Makes the rows of a D x D matrix of floats orthonormal, each by what those before it leave of it (Golub & Van Loan, Matrix Computations, section 5.2.8), in 64-bit
 * floats: what rounding leaves of a projection would add up in 32. `work` has room for D x D of them. Rows must be independent.
 */
export function orthonormalRows(D: i32, matrix: usize, work: usize): void {
  for (let i = 0; i < D * D; i++) store<f64>(at(work, i), load<f32>(matrix + (<usize>i << 2)));
  for (let i = 0, row = work; i < D; i++, row = at(row, D)) {
    for (let unit = work; unit < row; unit = at(unit, D)) addMultiple(D, -dot(D, unit, row), unit, row);
    scale(D, 1 / Math.sqrt(dot(D, row, row)), row);
  }
  for (let i = 0; i < D * D; i++) store<f32>(matrix + (<usize>i << 2), <f32>load<f64>(at(work, i)));
}
