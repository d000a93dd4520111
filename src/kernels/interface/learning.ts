import type { Pointer } from "../interface.js";

/** What training alone needs besides. The conventions are those of ../interface.ts. */
export interface LearningKernels {
  // assembly/loss.ts -- `total` is a 64-bit float that is ADDED to; gradients are written, already times `weight`.
  /** total += weight * sum of (prediction - target)^2; gradient[i] = weight * 2 * (prediction - target). */
  squaredError(
    count: number,
    prediction: Pointer,
    target: Pointer,
    weight: number,
    gradient: Pointer,
    total: Pointer,
  ): void;
  /** Binary cross-entropy of logits against targets in [0, 1], natural units (nats), in the stable form; gradient[i] = weight * (sigmoid(logit) - target). */
  binaryCrossEntropy(
    count: number,
    logits: Pointer,
    target: Pointer,
    weight: number,
    gradient: Pointer,
    total: Pointer,
  ): void;
  /**
   * The sums of blocks of side x side pixels of a height x width x channels picture whose rows lie `line` floats apart: a grid without gaps, written. Blocks
   * are cut off where the picture ends.
   */
  sumBlocks(
    width: number,
    height: number,
    channels: number,
    line: number,
    side: number,
    input: Pointer,
    output: Pointer,
  ): void;
  /** Adds to each pixel of `target` what `blocks` holds for its block: the transpose of sumBlocks. */
  addBlocks(
    width: number,
    height: number,
    channels: number,
    line: number,
    side: number,
    blocks: Pointer,
    target: Pointer,
  ): void;

  // assembly/quantize.ts
  /**
   * output (rows, columns) = input with each column rounded to multiples of its largest magnitude / `largest`; `scales`: columns floats, which get these
   * multiples, 0 for columns of zeros.
   */
  roundColumns(rows: number, columns: number, largest: number, input: Pointer, scales: Pointer, output: Pointer): void;

  // assembly/adam.ts
  /**
   * One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). `gradientScale` multiplies the gradient first
   * (clipping by global norm); `correction1` = 1 - beta1 ** step, `correction2` = 1 - beta2 ** step.
   */
  adam(
    count: number,
    value: Pointer,
    gradient: Pointer,
    moment1: Pointer,
    moment2: Pointer,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    correction1: number,
    correction2: number,
    gradientScale: number,
  ): void;

  // assembly/eigen.ts
  /**
   * Eigenvalues (descending) and eigenvectors of a symmetric D x D matrix of 64-bit floats, by Householder tridiagonalisation and implicit QL.
   * `matrix` is destroyed and ends up holding the eigenvectors, one a ROW, in the order of `values` (D 64-bit floats).
   * `work` has room for D 64-bit floats. `state` is 24 bytes, all 0 at first; the first 32-bit integer of it becomes 1 where QL did not converge.
   * A call does some milliseconds of work, and returns 1, or 0 where the work is done.
   */
  symmetricEigenPiece(D: number, matrix: Pointer, values: Pointer, work: Pointer, state: Pointer): number;

  // assembly/orthonormal.ts
  /**
   * Makes the rows of a D x D matrix orthonormal, each by what those before it leave of it. They must be independent. `work` has room for D x D 64-bit
   * floats.
   */
  orthonormalRows(D: number, matrix: Pointer, work: Pointer): void;

  // assembly/random.ts -- xoshiro128++ (Blackman & Vigna 2021), four lanes side by side; `state` is 64 bytes.
  seedRandom(seed: number, state: Pointer): void;
  /** Uniform in [0, 1), 24 bits each. Draws come in fours; a call with a count that is no multiple of 4 discards the rest. */
  randomUniform(count: number, state: Pointer, output: Pointer): void;
  /** Standard normal by Box-Muller on our own log, sine and cosine. */
  randomNormal(count: number, state: Pointer, output: Pointer): void;
}
