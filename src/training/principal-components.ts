import { IsthmusError } from "../ground/errors.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import { type Grid, rowsOf } from "../nn/grid.js";
import { Breath, longScope } from "./breath.js";

/** Multiplications without a pause. */
const pieceOperations = 0x4000000;

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
export async function principalComponents(
  kernels: Kernels,
  samples: Grid,
  count: number,
  breath = new Breath(),
): Promise<PrincipalComponents> {
  const dimensions = samples.channels;
  const mean = await centre(kernels, samples, breath);
  const decompose = rowsOf(samples) >= dimensions ? fromCovariance : fromGram;
  return { mean, ...(await longScope(kernels.memory, () => decompose(kernels, samples, count, breath))) };
}

async function centre({ call, memory }: Kernels, samples: Grid, breath: Breath): Promise<Float32Array> {
  const rows = rowsOf(samples);
  const { channels, pointer } = samples;
  return longScope(memory, async () => {
    const sums = memory.allocateFloats(channels);
    await inPieces(rows, channels, breath, (first, count) => {
      call.sumColumns(count, channels, pointer + first * channels * 4, sums, first === 0 ? 0 : 1);
    });
    const mean = memory.f32(sums, channels).map((sum) => sum / rows);
    memory.f32(sums, channels).set(mean.map((value) => -value));
    await inPieces(rows, channels, breath, (first, count) => {
      for (let row = first; row < first + count; row++) {
        const at = pointer + row * channels * 4;
        call.add(channels, at, sums, at);
      }
    });
    return mean;
  });
}

/** Goes over rows of so many operations each, some at a time. */
async function inPieces(
  rows: number,
  operations: number,
  breath: Breath,
  work: (first: number, count: number) => void,
): Promise<void> {
  const atATime = Math.max(1, Math.floor(pieceOperations / operations));
  for (let first = 0; first < rows; first += atATime) {
    work(first, Math.min(atATime, rows - first));
    await breath.breathe();
  }
}

type Decomposition = Omit<PrincipalComponents, "mean">;

async function fromCovariance(kernels: Kernels, samples: Grid, count: number, breath: Breath): Promise<Decomposition> {
  const { call, memory } = kernels;
  const rows = rowsOf(samples);
  const D = samples.channels;
  const covariance = memory.allocateFloats(D * D);
  await inPieces(rows, D * D, breath, (first, some) => {
    const at = samples.pointer + first * D * 4;
    call.multiplyTransposed(some, D, D, at, D, at, D, covariance, D, first === 0 ? 0 : 1);
  });
  const { vectors, values } = await eigen(kernels, covariance, D, rows, breath);
  return {
    components: Float32Array.from(doublesAt(memory, vectors, count * D)),
    variances: doublesAt(memory, values, count).slice(),
  };
}

/** X X' u = n v u gives X' u / sqrt(n v) as a component of variance v. */
async function fromGram(kernels: Kernels, samples: Grid, count: number, breath: Breath): Promise<Decomposition> {
  const { call, memory } = kernels;
  const rows = rowsOf(samples);
  const D = samples.channels;
  const gram = memory.allocateFloats(rows * rows);
  const packed = memory.allocateFloats(call.packedLength(D, rows));
  call.packTransposed(D, rows, samples.pointer, D, packed);
  await inPieces(rows, rows * D, breath, (first, some) => {
    const at = samples.pointer + first * D * 4;
    call.multiplyPacked(some, rows, D, at, D, packed, gram + first * rows * 4, rows, 0, 0, 0);
  });
  const { vectors, values } = await eigen(kernels, gram, rows, rows, breath);
  const variances = new Float64Array(count);
  variances.set(doublesAt(memory, values, Math.min(count, rows)));
  const components = new Float32Array(count * D);
  const row = memory.allocateFloats(D);
  for (let k = 0; k < Math.min(count, rows - 1); k++) {
    const weights = doublesAt(memory, vectors + k * rows * 8, rows).slice();
    const scale = variances[k] > 0 ? 1 / Math.sqrt(rows * variances[k]) : 0;
    call.fill(D, 0, row);
    weights.forEach((weight, i) => {
      call.addScaled(D, weight * scale, samples.pointer + i * D * 4, row);
    });
    components.set(memory.f32(row, D), k * D);
    await breath.breathe();
  }
  return { components, variances };
}

/** Eigenvectors (rows) and eigenvalues of a symmetric float matrix divided by `divisor`, as 64-bit floats in kernel memory. */
async function eigen(
  { call, memory }: Kernels,
  matrix: Pointer,
  size: number,
  divisor: number,
  breath: Breath,
): Promise<{ vectors: Pointer; values: Pointer }> {
  const vectors = memory.allocate(size * size * 8);
  const values = memory.allocate(size * 8);
  const work = memory.allocate(size * 8);
  const state = memory.place(new Int32Array(6));
  const source = memory.f32(matrix, size * size);
  doublesAt(memory, vectors, size * size).set(source.map((value) => value / divisor));
  while (call.symmetricEigenPiece(size, vectors, values, work, state)) await breath.breathe();
  if (memory.i32(state, 1)[0] !== 0) {
    throw new IsthmusError(
      "training-diverged",
      "The principal components of the training images could not be computed",
    );
  }
  return { vectors, values };
}
