import type { Pointer } from "../interface.js";

/** Dense products, in floats and in integers. The conventions are those of ../interface.ts. */
export interface DenseKernels {
  // assembly/gemm.ts -- dense products. An output element sums its K terms in the order of k, whatever N, the row or the block.
  /** Number of floats that `packMatrix` writes for a K x M matrix (M rounded up to whole panels). */
  packedLength(K: number, M: number): number;
  /** Packs a K x M matrix, row after row, into panels. */
  packMatrix(K: number, M: number, matrix: Pointer, stride: number, packed: Pointer): void;
  /** The same of the transpose of an M x K matrix. */
  packTransposed(K: number, M: number, matrix: Pointer, stride: number, packed: Pointer): void;
  /**
   * output (N x M) = activation(input (N x K) * packed (K x M) + bias); `bias` 0 means none. With `accumulate` 1 the product is
   * added to what `output` holds (then `bias` must be 0). Rows of `input` lie `inputStride` apart, rows of `output` `outputStride`.
   */
  multiplyPacked(
    N: number,
    M: number,
    K: number,
    input: Pointer,
    inputStride: number,
    packed: Pointer,
    output: Pointer,
    outputStride: number,
    bias: Pointer,
    activation: number,
    accumulate: number,
  ): void;
  /** output (K x M) = [output +] left (N x K) transposed * right (N x M): the weight gradient of a dense layer, and the covariance of PCA. */
  multiplyTransposed(
    N: number,
    M: number,
    K: number,
    left: Pointer,
    leftStride: number,
    right: Pointer,
    rightStride: number,
    output: Pointer,
    outputStride: number,
    accumulate: number,
  ): void;

  // assembly/integer-gemm.ts -- dense products of 16-bit integers, summed exactly.
  /** Bytes of a row of K integers, padded to whole vectors. */
  integerRowBytes(K: number): number;
  /** Bytes that `packIntegers` writes for a K x M matrix. */
  packedIntegerBytes(K: number, M: number, panelColumns: number): number;
  /** Packs K x M 16-bit integers into panels of 8 columns for `multiplyIntegers`, of 32 for `multiplySparse`. */
  packIntegers(K: number, M: number, panelColumns: number, matrix: Pointer, packed: Pointer): void;
  /**
   * integers[n][k] = round(input[n][k] / scales[n]) half to even, with scales[n] = max |input[n]| / largest; a row of zeros has scale 0. `largest` is
   * at most 32767; `integers` takes N * integerRowBytes(K) bytes.
   */
  roundRows(N: number, K: number, input: Pointer, largest: number, integers: Pointer, scales: Pointer): void;
  /**
   * output (N x M) = activation(integers (N x K) * packed (K x M) * rowScales (N) * columnScales (M) + bias (M)). K * largest input * largest weight must be
   * below 2^31, so that the sums fit.
   */
  multiplyIntegers(
    N: number,
    M: number,
    K: number,
    integers: Pointer,
    rowScales: Pointer,
    packed: Pointer,
    columnScales: Pointer,
    bias: Pointer,
    activation: number,
    output: Pointer,
  ): void;

  // assembly/sparse-gemm.ts
  /** Bytes of working memory that `multiplySparse` wants for rows of K. */
  sparseScratchBytes(K: number): number;
  /**
   * roundRows and multiplyIntegers in one, for inputs of which many are 0: the same bits in less time. `packed` has panels of 32 columns. `addend` (N x M, 0 for none) is
   * added before the activation.
   */
  multiplySparse(
    N: number,
    M: number,
    K: number,
    input: Pointer,
    largest: number,
    packed: Pointer,
    columnScales: Pointer,
    bias: Pointer,
    addend: Pointer,
    activation: number,
    scratch: Pointer,
    output: Pointer,
  ): void;

  // assembly/integer-product.ts -- `product` describes a layer: see src/nn/integer-product.ts.
  /** Bytes of working memory that `multiplyProduct` wants for N rows. */
  productWorkBytes(N: number, product: Pointer): number;
  /** roundRows and multiplyIntegers or multiplySparse in one: output = activation(input * weight + bias); in place is allowed where there is room. */
  multiplyProduct(
    N: number,
    product: Pointer,
    activation: number,
    input: Pointer,
    work: Pointer,
    output: Pointer,
  ): void;
}
