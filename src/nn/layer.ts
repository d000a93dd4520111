import type { Grid } from "./grid.js";

/**
 * A differentiable map from grid to grid. Whatever a call returns lives in the arena until the caller's scope ends.
 */
export interface Layer {
  /** Packs the weights for the kernels; call it whenever parameters have changed. */
  prepare(): void;
  /** Training pass: also keeps what `backward` needs. */
  forward(input: Grid): Grid;
  /** Takes the gradient of the loss by the output of the last `forward`, adds to the parameters' gradients, returns the gradient by its input. */
  backward(gradient: Grid): Grid;
  /** The same function as `forward`, in little memory. The bits of a position depend on the weights and its inputs alone. */
  infer(input: Grid): Grid;
}
