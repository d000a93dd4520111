import type { Pointer } from "../interface.js";

/** What goes through arrays and grids element by element, or cell by cell. The conventions are those of ../interface.ts. */
export interface ElementKernels {
  // assembly/activation.ts
  /** output[i] = activation(input[i]); in place is allowed. */
  activate(kind: number, count: number, input: Pointer, output: Pointer): void;
  /** gradientInput[i] = gradientOutput[i] * activation'(input[i]); `input` is the value before the activation; in place on the gradient is allowed. */
  activateGradient(kind: number, count: number, input: Pointer, gradientOutput: Pointer, gradientInput: Pointer): void;

  // assembly/elementwise.ts
  fill(count: number, value: number, output: Pointer): void;
  /** output[i] = left[i] + right[i]; in place is allowed. */
  add(count: number, left: Pointer, right: Pointer, output: Pointer): void;
  /** output[i] = left[i] * right[i]; in place is allowed. */
  multiply(count: number, left: Pointer, right: Pointer, output: Pointer): void;
  /** output[i] += factor * input[i] */
  addScaled(count: number, factor: number, input: Pointer, output: Pointer): void;
  /** output[n][c] = input[n][c] * scale[c]; in place is allowed. */
  scaleColumns(N: number, C: number, input: Pointer, scale: Pointer, output: Pointer): void;
  /** output[n][c] = row[c] */
  repeatRow(N: number, C: number, row: Pointer, output: Pointer): void;
  /** output[c] = [output[c] +] sum over n of input[n][c]: the gradient of a bias. */
  sumColumns(N: number, C: number, input: Pointer, output: Pointer, accumulate: number): void;
  /** output[c] = [output[c] +] sum over n of left[n][c] * right[n][c]: the gradient of a column scale. */
  sumColumnProducts(N: number, C: number, left: Pointer, right: Pointer, output: Pointer, accumulate: number): void;
  /** output[i] = e ** input[i], by our own polynomial, the same bits on every engine. */
  exponential(count: number, input: Pointer, output: Pointer): void;
  /** The 64-bit float at `output` = sum of input[i] ** 2. */
  sumOfSquares(count: number, input: Pointer, output: Pointer): void;
  /** output[i] += (input[i] - output[i]) * fraction: the exponential moving average of weights. */
  moveTowards(count: number, fraction: number, input: Pointer, output: Pointer): void;

  // assembly/depthwise.ts -- 3x3 per channel, stride 1, zero padding, on grids (B, H, W, C); weights (9, C), row by row of the window.
  /** output = bias + correlation of the input with the weights; `bias` 0 means none. */
  depthwise(
    B: number,
    H: number,
    W: number,
    C: number,
    input: Pointer,
    weights: Pointer,
    bias: Pointer,
    output: Pointer,
  ): void;
  depthwiseInputGradient(
    B: number,
    H: number,
    W: number,
    C: number,
    gradientOutput: Pointer,
    weights: Pointer,
    gradientInput: Pointer,
  ): void;
  /** Adds to `gradientWeights` (9, C). (The bias gradient is `sumColumns`.) */
  depthwiseWeightGradient(
    B: number,
    H: number,
    W: number,
    C: number,
    input: Pointer,
    gradientOutput: Pointer,
    gradientWeights: Pointer,
  ): void;

  // assembly/quantize.ts
  /** output[i] = input[i] rounded to the nearest integer, half to even, as a float; in place is allowed. */
  roundNearest(count: number, input: Pointer, output: Pointer): void;
  /** symbols[i] (32-bit integers) = round(input[i]) half to even, clamped to +-limit; NaN becomes 0. */
  quantize(count: number, input: Pointer, limit: number, symbols: Pointer): void;
  /** output[n][c] = symbols[n][c] * scale[c] */
  dequantize(N: number, C: number, symbols: Pointer, scale: Pointer, output: Pointer): void;

  // assembly/sparse.ts
  /** output (N x C)[n] = input[n] with all but its `k` (1 .. C) largest elements set to 0; of equals the first stay. In place is allowed. */
  keepLargest(N: number, C: number, k: number, input: Pointer, output: Pointer): void;
  /** gradientInput[i] = gradientOutput[i] where code[i] is not 0, elsewhere 0: the gradient of `keepLargest`. In place on the gradient is allowed. */
  passActive(count: number, code: Pointer, gradientOutput: Pointer, gradientInput: Pointer): void;
}
