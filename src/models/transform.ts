import type { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { byteWeights } from "../nn/dense.js";
import type { Grid } from "../nn/grid.js";
import { type LatentLayer, type Pass, passAlong, type TransformLayer } from "../nn/layer.js";
import type { Parameters } from "../nn/parameters.js";
import type { Perceptron } from "../nn/perceptron.js";
import type { Projection } from "../nn/projection.js";
import type { SparseCode } from "../nn/sparse-code.js";
import type { ModelConfiguration, TransformConfiguration } from "./configuration.js";
import { type BlockKind, blockKinds, layerTraining } from "./layers.js";

/** From latents to windows: layers on the grid, then a projection. */
export class Transform {
  constructor(
    readonly projection: Projection | Perceptron,
    readonly blocks: readonly LatentLayer[],
  ) {}

  /** Rows of cells above and below a row that its result depends on. */
  get reach(): number {
    return this.blocks.reduce((sum, { reach }) => sum + reach, 0);
  }

  /** `infer` of everything but the projection, in place; the pacer is told nothing new. */
  async inferBlocks(grid: Grid, pacer: Pacer): Promise<void> {
    for (const block of this.blocks) await paced(block.steps(grid, grid), pacer);
  }
}

/** From windows to latents: the projection comes first, and a sparse code ends it. */
export class AnalysisTransform extends Transform {
  constructor(
    projection: Projection | Perceptron,
    blocks: readonly LatentLayer[],
    readonly code: SparseCode | undefined,
  ) {
    super(projection, code ? [...blocks, code] : blocks);
  }
}

const kindOf = ({ blockKind = "residual" }: TransformConfiguration): BlockKind =>
  blockKinds[blockKind as keyof typeof blockKinds];

/** What the blocks of a transform are made of. */
export const blocksParts = (
  { latents: channels, activation, weightLevels }: ModelConfiguration,
  transform: TransformConfiguration,
): object[] =>
  Array.from({ length: transform.blocks }, () =>
    kindOf(transform).parts({
      channels,
      hidden: transform.blockHidden,
      activation,
      weights: byteWeights(weightLevels?.layers),
    }),
  );

export const blocksOf = (
  parameters: Parameters,
  parts: readonly object[],
  transform: TransformConfiguration,
): LatentLayer[] => parts.map((part) => kindOf(transform).make(parameters, part));

const layersOf = (transform: Transform): readonly TransformLayer[] =>
  transform instanceof AnalysisTransform
    ? [transform.projection, ...transform.blocks]
    : [...transform.blocks, transform.projection];

/** All of a transform at once, in little memory. */
export const inferTransform = (transform: Transform, input: Grid): Grid =>
  layersOf(transform).reduce((grid, layer) => layer.infer(grid), input);

export const transformPass = (transform: Transform, input: Grid): Pass =>
  passAlong(layersOf(transform), input, (layer, grid) => layerTraining[layer.kind].pass(layer, grid));
