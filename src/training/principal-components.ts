import { IsthmusError } from "../errors.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Grid, rowsOf } from "../nn/grid.js";

export interface PrincipalComponents {
  /** Mean of the samples, `dimensions` floats. */
  readonly mean: Float32Array;
  /** One component a row, unit length, in the order of falling variance: count x dimensions. */
  readonly components: Float32Array;
  /** Variance along each component. */
  readonly variances: Float64Array;
}

/**
 * The leading principal components of the rows of a matrix: the best linear undercomplete autoencoder (Baldi & Hornik 1989).
 * Fewer samples than dimensions are decomposed through their Gram matrix. The samples are centred in place.
 */
export function principalComponents(kernels: Kernels, samples: Grid, count: number): PrincipalComponents {
  const dimensions = samples.channels;
  const mean = centre(kernels, samples);
  return rowsOf(samples) >= dimensions
    ? { mean, ...fromCovariance(kernels, samples, count) }
    : { mean, ...fromGram(kernels, samples, count) };
}

function centre({ call, memory }: Kernels, samples: Grid): Float32Array {
  const rows = rowsOf(samples);
  const { channels, pointer } = samples;
  return memory.scope(() => {
    const sums = memory.allocateFloats(channels);
    call.sumColumns(rows, channels, pointer, sums, 0);
    const mean = memory.f32(sums, channels).map((sum) => sum / rows);
    memory.f32(sums, channels).set(mean.map((value) => -value));
    for (let row = 0; row < rows; row++) {
      const at = pointer + row * channels * 4;
      call.add(channels, at, sums, at);
    }
    return mean;
  });
}

type Decomposition = Omit<PrincipalComponents, "mean">;

function fromCovariance(kernels: Kernels, samples: Grid, count: number): Decomposition {
  const { call, memory } = kernels;
  const rows = rowsOf(samples);
  const D = samples.channels;
  return memory.scope(() => {
    const covariance = memory.allocateFloats(D * D);
    call.multiplyTransposed(rows, D, D, samples.pointer, D, samples.pointer, D, covariance, D, 0);
    const { vectors, values } = eigen(kernels, covariance, D, rows);
    return {
      components: Float32Array.from(memory.f64(vectors, count * D)),
      variances: memory.f64(values, count).slice(),
    };
  });
}

/** X X' u = n v u gives X' u / sqrt(n v) as a component of variance v. */
function fromGram(kernels: Kernels, samples: Grid, count: number): Decomposition {
  const { call, memory } = kernels;
  const rows = rowsOf(samples);
  const D = samples.channels;
  return memory.scope(() => {
    const gram = memory.allocateFloats(rows * rows);
    const packed = memory.allocateFloats(call.packedLength(D, rows));
    call.packTransposed(D, rows, samples.pointer, D, packed);
    call.multiplyPacked(rows, rows, D, samples.pointer, D, packed, gram, rows, 0, 0, 0);
    const { vectors, values } = eigen(kernels, gram, rows, rows);
    const variances = new Float64Array(count);
    variances.set(memory.f64(values, Math.min(count, rows)));
    const components = new Float32Array(count * D);
    const row = memory.allocateFloats(D);
    for (let k = 0; k < Math.min(count, rows - 1); k++) {
      const weights = memory.f64(vectors + k * rows * 8, rows).slice();
      const scale = variances[k] > 0 ? 1 / Math.sqrt(rows * variances[k]) : 0;
      call.fill(D, 0, row);
      weights.forEach((weight, i) => {
        call.addScaled(D, weight * scale, samples.pointer + i * D * 4, row);
      });
      components.set(memory.f32(row, D), k * D);
    }
    return { components, variances };
  });
}

/** Eigenvectors (rows) and eigenvalues of a symmetric float matrix divided by `divisor`, as 64-bit floats in kernel memory. */
function eigen(
  { call, memory }: Kernels,
  matrix: Pointer,
  size: number,
  divisor: number,
): { vectors: Pointer; values: Pointer } {
  const vectors = memory.allocate(size * size * 8);
  const values = memory.allocate(size * 8);
  const work = memory.allocate(size * 8);
  const status = memory.allocate(4);
  const source = memory.f32(matrix, size * size);
  memory.f64(vectors, size * size).set(source.map((value) => value / divisor));
  call.symmetricEigen(size, vectors, values, work, status);
  if (memory.i32(status, 1)[0] !== 0) {
    throw new IsthmusError(
      "training-diverged",
      "The principal components of the training images could not be computed",
    );
  }
  return { vectors, values };
}
