/**
 * Eigenvalues and eigenvectors of a symmetric matrix in 64-bit floats (Golub & Van Loan, Matrix Computations, section 8.3):
 * Householder reflections to tridiagonal form, then QL sweeps with implicit shifts. Every inner loop runs along rows, and
 * the transformations are collected transposed, so that a rotation mixes two contiguous rows.
 */
import { addMultiple, at, dot, scale } from "./doubles";

const MAX_SWEEPS = 60;
const EPSILON: f64 = 2.220446049250313e-16;

// The work between two calls: 24 bytes in the caller's memory, all 0 before the first.
// @ts-ignore: decorator
@inline const STATUS: usize = 0;
// @ts-ignore: decorator
@inline const PHASE: usize = 4;
// @ts-ignore: decorator
@inline const INDEX: usize = 8; // rows or values that the phase is through with
// @ts-ignore: decorator
@inline const NEGLIGIBLE: usize = 16; // what counts as zero in this phase, a 64-bit float

// @ts-ignore: decorator
@inline const REDUCE: i32 = 0;
// @ts-ignore: decorator
@inline const COLLECT: i32 = 1;
// @ts-ignore: decorator
@inline const DIAGONALISE: i32 = 2;
// @ts-ignore: decorator
@inline const DONE: i32 = 3;

/** Elements that a call goes over, about. */
const PIECE: i32 = 1 << 23;

/** The eigenvectors replace the matrix, one a row; the status in `state` is 1 where a sweep limit was reached. Returns 0 at the end, or else 1: call again. */
export function symmetricEigenPiece(D: i32, matrix: usize, values: usize, work: usize, state: usize): i32 {
  let phase = load<i32>(state, PHASE);
  let index = load<i32>(state, INDEX);
  let room = PIECE;
  if (D <= 0) phase = DONE;
  while (phase != DONE && room > 0) {
    if (phase == REDUCE) {
      if (index == 0) store<f64>(state, EPSILON * largestOfTriangle(D, matrix), NEGLIGIBLE);
      const row = D - 1 - index;
      if (row > 0) reduceRow(row, D, matrix, values, work, load<f64>(state, NEGLIGIBLE));
      room -= 4 * row * row;
      if (row <= 0) {
        store<f64>(values, 0);
        store<f64>(work, 0);
      }
    } else if (phase == COLLECT) {
      collectReflection(index, D, matrix, values);
      room -= 4 * index * index;
      if (index == D - 1) alignSubdiagonal(D, work);
    } else {
      if (index == 0) store<f64>(state, EPSILON * normOf(D, values, work), NEGLIGIBLE);
      const sweeps = diagonaliseValue(index, D, matrix, values, work, load<f64>(state, NEGLIGIBLE));
      if (sweeps < 0) {
        store<i32>(state, 1, STATUS);
        index = D;
      }
      room -= 4 * sweeps * D * (D - index);
    }
    room -= D;
    if (++index >= D) {
      index = 0;
      phase++;
      if (phase == DONE) sortDescending(D, matrix, values);
    }
  }
  store<i32>(state, phase, PHASE);
  store<i32>(state, index, INDEX);
  return phase == DONE ? 0 : 1;
}

// @ts-ignore: decorator
@inline
function rowOf(matrix: usize, D: i32, row: i32): usize {
  return matrix + ((<usize>row * <usize>D) << 3);
}

/**
 * Row i, from the last up to the second: the reflection I - v v^T / h that clears what lies left of its subdiagonal. Only the
 * lower triangle is read. On return row i holds v in its first i places and the diagonal in place i, `values[i]` holds h
 * (0 for no reflection), and `subdiagonal[i]` the element between i - 1 and i. What is rounding error beside the largest element (`negligible`)
 * counts as zero; a reflection made of it could be anything, even NaN.
 */
function reduceRow(i: i32, D: i32, matrix: usize, values: usize, subdiagonal: usize, negligible: f64): void {
  const v = rowOf(matrix, D, i);
  const corner = load<f64>(at(v, i - 1));
  const beyond = dot(i - 1, v, v);
  store<f64>(at(values, i), 0);
  if (beyond <= negligible * negligible) {
    store<f64>(at(subdiagonal, i), corner);
    return;
  }
  const length = sqrt(beyond + corner * corner);
  const image = corner > 0 ? -length : length;
  const h = length * (length + abs(corner));
  store<f64>(at(v, i - 1), corner - image);
  store<f64>(at(values, i), h);

  // w = A v / h - v (v . A v) / (2 h^2), then A -= v w^T + w v^T; places below i of `subdiagonal` are still free for w.
  const w = subdiagonal;
  for (let k = 0; k < i; k++) store<f64>(at(w, k), 0);
  for (let k = 0; k < i; k++) {
    const row = rowOf(matrix, D, k);
    const below = multiplyTriangleRow(k, row, v, w, load<f64>(at(v, k)));
    store<f64>(at(w, k), load<f64>(at(w, k)) + below + load<f64>(at(row, k)) * load<f64>(at(v, k)));
  }
  scale(i, 1 / h, w);
  addMultiple(i, -dot(i, v, w) / (2 * h), v, w);
  for (let k = 0; k < i; k++) {
    subtractPair(k + 1, load<f64>(at(v, k)), w, load<f64>(at(w, k)), v, rowOf(matrix, D, k));
  }
  store<f64>(at(subdiagonal, i), image);
}

function largestOfTriangle(D: i32, matrix: usize): f64 {
  let largest: f64 = 0;
  for (let row = 0; row < D; row++) {
    const elements = rowOf(matrix, D, row);
    for (let k = 0; k <= row; k++) largest = max(largest, abs(load<f64>(at(elements, k))));
  }
  return largest;
}

/**
 * Row i, from the first down: replaces the reflections by the transpose of their product, growing it by one row and column at a time, and the h
 * in `values` by the diagonal.
 */
function collectReflection(i: i32, D: i32, matrix: usize, values: usize): void {
  const v = rowOf(matrix, D, i);
  const h = load<f64>(at(values, i));
  if (h != 0) {
    for (let k = 0; k < i; k++) {
      const row = rowOf(matrix, D, k);
      addMultiple(i, -dot(i, row, v) / h, v, row);
    }
  }
  store<f64>(at(values, i), load<f64>(at(v, i)));
  for (let k = 0; k < i; k++) {
    store<f64>(at(v, k), 0);
    store<f64>(at(rowOf(matrix, D, k), i), 0);
  }
  store<f64>(at(v, i), 1);
}

/** From here on `subdiagonal[i]` is the element between i and i + 1. */
function alignSubdiagonal(D: i32, subdiagonal: usize): void {
  for (let i = 1; i < D; i++) store<f64>(at(subdiagonal, i - 1), load<f64>(at(subdiagonal, i)));
  store<f64>(at(subdiagonal, D - 1), 0);
}

function normOf(D: i32, diagonal: usize, subdiagonal: usize): f64 {
  let norm: f64 = 0;
  for (let i = 0; i < D; i++) norm = max(norm, abs(load<f64>(at(diagonal, i))) + abs(load<f64>(at(subdiagonal, i))));
  return norm;
}

/** QL with implicit shifts for one eigenvalue; returns the sweeps that it took, or -1 where these were too many. */
function diagonaliseValue(
  first: i32, D: i32, vectors: usize, diagonal: usize, subdiagonal: usize, negligible: f64,
): i32 {
  for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps++) {
    let last = first;
    while (last < D - 1 && !(abs(load<f64>(at(subdiagonal, last))) <= negligible)) last++;
    if (last == first) return sweeps;
    sweep(D, first, last, vectors, diagonal, subdiagonal);
  }
  return -1;
}

/** One implicit QL step on rows first .. last, chasing the bulge upwards. */
function sweep(D: i32, first: i32, last: i32, vectors: usize, diagonal: usize, subdiagonal: usize): void {
  // Wilkinson's shift from the leading 2 x 2 block.
  const top = load<f64>(at(diagonal, first));
  const beside = load<f64>(at(subdiagonal, first));
  const half = (load<f64>(at(diagonal, first + 1)) - top) / (2 * beside);
  const root = sqrt(half * half + 1);
  const shift = top - beside / (half + (half < 0 ? -root : root));

  let g = load<f64>(at(diagonal, last)) - shift;
  let sine: f64 = 1;
  let cosine: f64 = 1;
  let correction: f64 = 0;
  for (let i = last - 1; i >= first; i--) {
    const bulge = sine * load<f64>(at(subdiagonal, i));
    const rest = cosine * load<f64>(at(subdiagonal, i));
    const length = sqrt(bulge * bulge + g * g);
    store<f64>(at(subdiagonal, i + 1), length);
    if (length == 0) {
      // The matrix falls apart here by itself: undo the pending shift and start again.
      store<f64>(at(diagonal, i + 1), load<f64>(at(diagonal, i + 1)) - correction);
      store<f64>(at(subdiagonal, last), 0);
      return;
    }
    sine = bulge / length;
    cosine = g / length;
    const lower = load<f64>(at(diagonal, i + 1)) - correction;
    const twist = (load<f64>(at(diagonal, i)) - lower) * sine + 2 * cosine * rest;
    correction = sine * twist;
    store<f64>(at(diagonal, i + 1), lower + correction);
    g = cosine * twist - rest;
    rotateRows(D, cosine, sine, rowOf(vectors, D, i), rowOf(vectors, D, i + 1));
  }
  store<f64>(at(diagonal, first), load<f64>(at(diagonal, first)) - correction);
  store<f64>(at(subdiagonal, first), g);
  store<f64>(at(subdiagonal, last), 0);
}

function sortDescending(D: i32, vectors: usize, values: usize): void {
  for (let i = 0; i < D - 1; i++) {
    let largest = i;
    for (let k = i + 1; k < D; k++) {
      if (load<f64>(at(values, k)) > load<f64>(at(values, largest))) largest = k;
    }
    if (largest == i) continue;
    swapRows(1, at(values, i), at(values, largest));
    swapRows(D, rowOf(vectors, D, i), rowOf(vectors, D, largest));
  }
}

/**
 * Both uses of a row of the lower triangle in one pass: target += factor * row (its mirror image above the diagonal), and
 * the result is row . vector.
 */
function multiplyTriangleRow(count: i32, row: usize, vector: usize, target: usize, factor: f64): f64 {
  const factors = f64x2.splat(factor);
  let sums = f64x2.splat(0);
  let k = 0;
  for (; k + 2 <= count; k += 2) {
    const elements = v128.load(at(row, k));
    sums = f64x2.add(sums, f64x2.mul(elements, v128.load(at(vector, k))));
    v128.store(at(target, k), f64x2.add(v128.load(at(target, k)), f64x2.mul(factors, elements)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (k < count) {
    sum += load<f64>(at(row, k)) * load<f64>(at(vector, k));
    store<f64>(at(target, k), load<f64>(at(target, k)) + factor * load<f64>(at(row, k)));
  }
  return sum;
}

/** target -= left * leftRow + right * rightRow */
function subtractPair(count: i32, left: f64, leftRow: usize, right: f64, rightRow: usize, target: usize): void {
  const lefts = f64x2.splat(left);
  const rights = f64x2.splat(right);
  let k = 0;
  for (; k + 2 <= count; k += 2) {
    const change = f64x2.add(
      f64x2.mul(lefts, v128.load(at(leftRow, k))),
      f64x2.mul(rights, v128.load(at(rightRow, k))),
    );
    v128.store(at(target, k), f64x2.sub(v128.load(at(target, k)), change));
  }
  if (k < count) {
    const change = left * load<f64>(at(leftRow, k)) + right * load<f64>(at(rightRow, k));
    store<f64>(at(target, k), load<f64>(at(target, k)) - change);
  }
}

/** (upper, lower) = (cosine * upper - sine * lower, sine * upper + cosine * lower) */
function rotateRows(count: i32, cosine: f64, sine: f64, upper: usize, lower: usize): void {
  const cosines = f64x2.splat(cosine);
  const sines = f64x2.splat(sine);
  let k = 0;
  for (; k + 2 <= count; k += 2) {
    const a = v128.load(at(upper, k));
    const b = v128.load(at(lower, k));
    v128.store(at(upper, k), f64x2.sub(f64x2.mul(cosines, a), f64x2.mul(sines, b)));
    v128.store(at(lower, k), f64x2.add(f64x2.mul(sines, a), f64x2.mul(cosines, b)));
  }
  if (k < count) {
    const a = load<f64>(at(upper, k));
    const b = load<f64>(at(lower, k));
    store<f64>(at(upper, k), cosine * a - sine * b);
    store<f64>(at(lower, k), sine * a + cosine * b);
  }
}

function swapRows(count: i32, left: usize, right: usize): void {
  for (let k = 0; k < count; k++) {
    const kept = load<f64>(at(left, k));
    store<f64>(at(left, k), load<f64>(at(right, k)));
    store<f64>(at(right, k), kept);
  }
}
