import { enlargedPass } from "../nn/enlarged-projection.js";
import { halvedPass } from "../nn/halved-projection.js";
import type { LatentLayer, LayerTraining } from "../nn/layer.js";
import type { Parameters, Placed } from "../nn/parameters.js";
import { perceptronPass } from "../nn/perceptron.js";
import { projectionPass } from "../nn/projection.js";
import {
  type BlockShape,
  initializeResidual,
  ResidualBlock,
  type ResidualParts,
  residualParts,
  residualPass,
} from "../nn/residual-block.js";
import { sparsePass } from "../nn/sparse-code.js";

/** A kind of block: a layer on the grid of latents that configurations ask for by name. */
export interface BlockKind {
  /** What a block of a shape is made of. */
  parts(shape: BlockShape): object;
  /** The block of such parts, once they are placed. */
  make(parameters: Parameters, parts: object): LatentLayer;
}

/** The kinds of blocks by their names in configurations. A new one is entered here and below. */
export const blockKinds = {
  residual: {
    parts: residualParts,
    make: (parameters: Parameters, parts: Placed<ResidualParts>) => new ResidualBlock(parameters, parts),
  },
} satisfies Readonly<Record<string, BlockKind>>;

/** What training asks of the layers of transforms, by their kinds. */
export const layerTraining: Readonly<Record<string, LayerTraining>> = {
  projection: { pass: projectionPass },
  enlarged: { pass: enlargedPass },
  halved: { pass: halvedPass },
  perceptron: { pass: perceptronPass },
  residual: { pass: residualPass, initialize: initializeResidual },
  sparse: { pass: sparsePass },
};
