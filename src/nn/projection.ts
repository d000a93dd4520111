import type { Activation } from "../kernels/interface.js";
import { Dense, type DenseOptions, type DenseParts, denseParts, densePass, initializeDense } from "./dense.js";
import { type Grid, sizeOf } from "./grid.js";
import { type Pass, passAlong, type TransformLayer } from "./layer.js";
import type { Parameters, Placed } from "./parameters.js";
import { perceptronParts } from "./perceptron.js";
import type { Random } from "./random.js";

export interface ProjectionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Widths of the hidden layers of the nonlinear branch; empty for a purely linear map. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Learning rate of the linear map relative to the branch: small, because it starts at the principal components. */
  readonly linearLearningRate: number;
  /** Of the linear map. */
  readonly largestInteger?: DenseOptions["largestInteger"];
  /** Of the linear map's weight. */
  readonly storage?: DenseOptions["storage"];
}

export interface ProjectionParts {
  readonly linear: DenseParts;
  readonly branch: readonly DenseParts[];
}

export function projectionParts(options: ProjectionOptions): ProjectionParts {
  const { inputs, outputs, hidden, linearLearningRate, largestInteger, storage } = options;
  const branch = perceptronParts(options);
  return {
    linear: denseParts(inputs, outputs, { learningRateMultiplier: linearLearningRate, largestInteger, storage }),
    branch: hidden.length ? [...branch.hidden, branch.linear] : [],
  };
}

/**
 * A linear map plus a nonlinear branch: linear(x) + branch(x). The linear map can start at the principal components,
 * the branch starts at zero effect, so that training begins at the best linear autoencoder (see pca.ts).
 */
export class Projection implements TransformLayer {
  readonly kind: "projection" | "enlarged" | "halved" = "projection";
  readonly linear: Dense;
  readonly branch: Dense[];

  constructor(
    readonly parameters: Parameters,
    { linear, branch }: Placed<ProjectionParts>,
  ) {
    this.linear = new Dense(parameters, linear);
    this.branch = branch.map((parts) => new Dense(parameters, parts));
  }

  infer(input: Grid): Grid {
    return this.addBranch(
      this.linear.infer(input),
      this.branch.reduce((grid, layer) => layer.infer(grid), input),
    );
  }

  addBranch(output: Grid, branch: Grid): Grid {
    if (this.branch.length) {
      this.parameters.kernels.call.add(sizeOf(output), output.pointer, branch.pointer, output.pointer);
    }
    return output;
  }
}

/** Starts the branch at zero effect and the linear map at the given weight (inputs x outputs); biases are zero. */
export function initializeProjection(
  { parameters, linear, branch }: Projection,
  linearWeight: Float32Array,
  random: Random,
): void {
  parameters.write(linear.weight, linearWeight);
  for (const layer of branch.slice(0, -1)) initializeDense(layer, random);
}

export function projectionPass(layer: Projection, input: Grid): Pass {
  const linear = densePass(layer.linear, input);
  const branch = passAlong(layer.branch, input, densePass);
  const hasBranch = layer.branch.length > 0;
  return {
    output: layer.addBranch(linear.output, branch.output),
    backward(gradient, isFirst) {
      const result = linear.backward(gradient, isFirst);
      if (!hasBranch) return result;
      const other = branch.backward(gradient, isFirst);
      if (!isFirst) layer.parameters.kernels.call.add(sizeOf(result), result.pointer, other.pointer, result.pointer);
      return result;
    },
  };
}
