import type { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import { byteWeights } from "../nn/dense.js";
import type { Grid } from "../nn/grid.js";
import { sizeOf } from "../nn/grid.js";
import type { Layer, Passes } from "../nn/layer.js";
import type { Parameters } from "../nn/parameters.js";
import { type Perceptron, perceptronPasses } from "../nn/perceptron.js";
import { Projection, projectionPasses } from "../nn/projection.js";
import { blockPasses, ResidualBlock } from "../nn/residual-block.js";
import { SparseCode, sparseCodePasses } from "../nn/sparse-code.js";
import type { ModelConfiguration, TransformConfiguration } from "./configuration.js";

/** A projection between windows and latents, and residual blocks on the grid at its latent side. */
export class Transform implements Layer {
  constructor(
    readonly projection: Projection | Perceptron,
    readonly blocks: readonly ResidualBlock[],
    readonly layers: readonly TransformLayer[] = [...blocks, projection],
  ) {}

  /** `infer` of everything but the projection, in place; the pacer is told nothing new. */
  async inferBlocks(grid: Grid, pacer: Pacer): Promise<void> {
    for (const block of this.blocks) await paced(block.steps(grid, grid), pacer);
  }

  infer(input: Grid): Grid {
    return this.layers.reduce((grid, layer) => layer.infer(grid), input);
  }
}

/** From windows to latents: the projection comes first, and a sparse code ends it. */
export class AnalysisTransform extends Transform {
  constructor(
    projection: Projection | Perceptron,
    blocks: readonly ResidualBlock[],
    readonly code: SparseCode | undefined,
  ) {
    super(projection, blocks, [projection, ...blocks, ...(code ? [code] : [])]);
    projection.inputIsPicture = true;
  }

  override async inferBlocks(grid: Grid, pacer: Pacer): Promise<void> {
    await super.inferBlocks(grid, pacer);
    const { code } = this;
    if (!code) return;
    const { memory } = code.kernels;
    memory.scope(() => memory.copy(code.infer(grid).pointer, grid.pointer, sizeOf(grid) * 4));
  }
}

type TransformLayer = Projection | Perceptron | ResidualBlock | SparseCode;

/** The residual blocks of a transform. */
export const blocksOf = (
  parameters: Parameters,
  name: string,
  { latents, activation, weightLevels }: ModelConfiguration,
  { blocks, blockHidden }: TransformConfiguration,
): ResidualBlock[] =>
  Array.from(
    { length: blocks },
    (_, i) =>
      new ResidualBlock(
        parameters,
        `${name}.blocks.${i}`,
        latents,
        blockHidden,
        activation,
        byteWeights(weightLevels?.layers),
      ),
  );

export const transformPasses: Passes<Transform> = {
  forward: ({ layers }, input) => layers.reduce((grid, layer) => passesOf(layer).forward(layer, grid), input),
  backward: ({ layers }, gradient) =>
    layers.reduceRight((grid, layer) => passesOf(layer).backward(layer, grid), gradient),
};

function passesOf(layer: TransformLayer): Passes<TransformLayer> {
  const passes =
    layer instanceof ResidualBlock
      ? blockPasses
      : layer instanceof Projection
        ? projectionPasses
        : layer instanceof SparseCode
          ? sparseCodePasses
          : perceptronPasses;
  return passes as Passes<TransformLayer>;
}
