/**
 * Eigenvalues of a symmetric matrix, descending, by cyclic Jacobi rotations: another road than that of assembly/eigen.ts,
 * slow and sure.
 */
export function eigenvalues(D: number, matrix: ArrayLike<number>): number[] {
  const a = Array.from({ length: D }, (_, row) => Array.from({ length: D }, (_, column) => matrix[row * D + column]));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < D; p++) {
      for (let q = p + 1; q < D; q++) {
        if (a[p][q] === 0) continue;
        const angle = Math.atan2(2 * a[p][q], a[p][p] - a[q][q]) / 2;
        const cosine = Math.cos(angle);
        const sine = Math.sin(angle);
        for (let k = 0; k < D; k++) {
          [a[k][p], a[k][q]] = [cosine * a[k][p] + sine * a[k][q], cosine * a[k][q] - sine * a[k][p]];
        }
        for (let k = 0; k < D; k++) {
          [a[p][k], a[q][k]] = [cosine * a[p][k] + sine * a[q][k], cosine * a[q][k] - sine * a[p][k]];
        }
      }
    }
  }
  return a.map((row, i) => row[i]).sort((left, right) => right - left);
}
