import type { Grid } from "./grid.js";
import type { Random } from "./random.js";

/**
 * A map from grid to grid. What it is made of is data, its parts (see `tensorsIn`); the layer itself is made from them where they have been placed in
 * kernel memory. Whatever a call returns lives in the arena until the caller's scope ends.
 */
export interface Layer {
  /** The same function as in training, in little memory. The bits of a position depend on the weights and its inputs alone. */
  infer(input: Grid): Grid;
}

/** A layer of a transform. */
export interface TransformLayer extends Layer {
  /** What `layerTraining` has it under. */
  readonly kind: string;
}

/** A layer between latents and latents, which changes no shape. */
export interface LatentLayer extends TransformLayer {
  /** Rows of cells above and below a row that its result depends on. */
  readonly reach: number;
  /** `infer` in pieces, between which the caller may do something else. `output` may be the input itself. */
  steps(input: Grid, output: Grid): Generator<void, void, void>;
}

/**
 * What a forward pass in training has made, and the way back from it, which holds all that it needs of the way there. Lives in the arena until the
 * caller's scope ends.
 */
export interface Pass {
  readonly output: Grid;
  /**
   * Takes the gradient of the loss by `output`, adds to the parameters' gradients, returns the gradient by the input. `isFirst`: nobody wants that of a
   * first layer; what is returned then means nothing.
   */
  backward(gradient: Grid, isFirst?: boolean): Grid;
}

/**
 * What training asks of a kind of layer. It stands beside the layer instead of being its methods: bundlers drop what nobody calls, and a receiver
 * trains nothing.
 */
export interface LayerTraining {
  pass(layer: Layer, input: Grid): Pass;
  /** Starts the layer so that it changes nothing yet; absent where it has nothing to start. */
  initialize?(layer: Layer, random: Random): void;
}

/** The passes of layers one after the other. */
export function passAlong<Kind>(
  layers: readonly Kind[],
  input: Grid,
  passOf: (layer: Kind, input: Grid) => Pass,
): Pass {
  const passes: Pass[] = [];
  const output = layers.reduce((grid, layer) => {
    const pass = passOf(layer, grid);
    passes.push(pass);
    return pass.output;
  }, input);
  return {
    output,
    backward: (gradient, isFirst) =>
      passes.reduceRight((grid, { backward }, i) => backward(grid, isFirst && i === 0), gradient),
  };
}
