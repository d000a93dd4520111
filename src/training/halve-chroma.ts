import { blueOfCb, greenOfCb, greenOfCr, lumaShares, redOfCr } from "../nn/colour-differences.js";

/**
 * The weights of projections between windows of pixels (RGB, all channels of a pixel side by side) as those between windows whose colour differences have half the
 * resolution: what the latter can do, in the sense of least squares.
 */

/** `weight`: (samples of a window, outputs) of an analysis transform. Each colour difference is the sum of those of 2 x 2 pixels. */
export function halvedAnalysis(weight: Float32Array, outputs: number): Float32Array {
  const side = Math.sqrt(weight.length / outputs / 3);
  const half = side / 2;
  const result = new Float32Array(weight.length / 2);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const at = y * side + x;
      const cb = side * side + (y >> 1) * half + (x >> 1);
      const cr = cb + half * half;
      for (let o = 0; o < outputs; o++) {
        const [red, green, blue] = [0, 1, 2].map((channel) => weight[(3 * at + channel) * outputs + o]);
        result[at * outputs + o] = red + green + blue;
        result[cb * outputs + o] += (blueOfCb * blue - greenOfCb * green) / 4;
        result[cr * outputs + o] += (redOfCr * red - greenOfCr * green) / 4;
      }
    }
  return result;
}

/** `windows`: any number of them, of `side` x `side` pixels, one after another: a synthesis' weights, or its bias. */
export function halvedSynthesis(windows: Float32Array, side: number): Float32Array {
  const pixels = side * side;
  const half = side / 2;
  const inverse = leastSquares(side);
  const result = new Float32Array(windows.length / 2);
  for (let from = 0, to = 0; from < windows.length; from += 3 * pixels, to += 1.5 * pixels) {
    const differences = [new Float64Array(pixels), new Float64Array(pixels)];
    for (let at = 0; at < pixels; at++) {
      const [red, green, blue] = windows.subarray(from + 3 * at);
      const grey = lumaShares[0] * red + lumaShares[1] * green + lumaShares[2] * blue;
      result[to + at] = grey;
      differences[0][at] = (blue - grey) / blueOfCb;
      differences[1][at] = (red - grey) / redOfCr;
    }
    differences.forEach((plane, i) => {
      const rows = times(inverse, plane, side);
      const columns = times(inverse, transposed(rows, half, side), side);
      result.set(transposed(columns, half, half), to + pixels + i * half * half);
    });
  }
  return result;
}

/** The matrix (side / 2, side) that finds the samples whose bilinear enlargement is nearest to a line. */
function leastSquares(side: number): Float64Array {
  const half = side / 2;
  const weightOf = (pixel: number, sample: number): number => Math.max(0, 1 - Math.abs((pixel - 0.5) / 2 - sample));
  // Gauss and Jordan on the normal equations, with the transposed enlargement beside them.
  const width = half + side;
  const rows = Array.from({ length: half }, (_, i) =>
    Float64Array.from({ length: width }, (_, j) => {
      if (j >= half) return weightOf(j - half, i);
      let sum = 0;
      for (let pixel = 0; pixel < side; pixel++) sum += weightOf(pixel, i) * weightOf(pixel, j);
      return sum;
    }),
  );
  rows.forEach((row, i) => {
    const pivot = row[i];
    row.forEach((value, j) => {
      row[j] = value / pivot;
    });
    for (const other of rows) {
      if (other === row) continue;
      const factor = other[i];
      row.forEach((value, j) => {
        other[j] -= factor * value;
      });
    }
  });
  return Float64Array.from(rows.flatMap((row) => [...row.subarray(half)]));
}

/** matrix (M, size) * plane (size, N) */
function times(matrix: Float64Array, plane: Float64Array, size: number): Float64Array {
  const [M, N] = [matrix.length / size, plane.length / size];
  const result = new Float64Array(M * N);
  for (let m = 0; m < M; m++)
    for (let k = 0; k < size; k++)
      for (let n = 0; n < N; n++) result[m * N + n] += matrix[m * size + k] * plane[k * N + n];
  return result;
}

function transposed(plane: Float64Array, rows: number, columns: number): Float64Array {
  return plane.map((_, i) => plane[(i % rows) * columns + Math.floor(i / rows)]);
}
