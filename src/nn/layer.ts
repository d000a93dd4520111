import type { Grid } from "./grid.js";

/** A map from grid to grid. Whatever a call returns lives in the arena until the caller's scope ends. */
export interface Layer {
  /** The same function as in training, in little memory. The bits of a position depend on the weights and its inputs alone. */
  infer(input: Grid): Grid;
}

/**
 * The passes of a kind of layer in training. They stand beside the layer instead of being its methods: bundlers drop what nobody calls, and a
 * receiver trains nothing.
 */
export interface Passes<Kind extends Layer> {
  /** Also keeps in the layer what `backward` needs. */
  forward(layer: Kind, input: Grid): Grid;
  /** Takes the gradient of the loss by the output of the last `forward`, adds to the parameters' gradients, returns the gradient by its input. */
  backward(layer: Kind, gradient: Grid): Grid;
}
