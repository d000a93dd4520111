import type { Activation } from "../kernels/interface.js";
import { backwardDenseParameters, Dense, densePasses, initializeDense } from "./dense.js";
import { type Grid, sizeOf } from "./grid.js";
import type { Layer, Passes } from "./layer.js";
import type { Parameters, Storage } from "./parameters.js";
import type { Random } from "./random.js";

export interface ProjectionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Widths of the hidden layers of the nonlinear branch; empty for a purely linear map. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Learning rate of the linear map relative to the branch: small, because it starts at the principal components. */
  readonly linearLearningRate: number;
  /** Of the linear map: see DenseOptions. */
  readonly largestInteger?: number;
  /** Of the weights. */
  readonly storage?: Storage | undefined;
}

/**
 * A linear map plus a nonlinear branch: linear(x) + branch(x). The linear map can start at the principal components,
 * the branch starts at zero effect, so that training begins at the best linear autoencoder (see pca.ts).
 */
export class Projection implements Layer {
  readonly linear: Dense;
  readonly branch: Dense[];
  /** Set on a first layer: saves the gradient by the input. */
  inputIsPicture: true | undefined;

  constructor(
    readonly parameters: Parameters,
    name: string,
    options: ProjectionOptions,
  ) {
    const { inputs, outputs, hidden, activation, largestInteger, storage } = options;
    this.linear = new Dense(parameters, `${name}.linear`, inputs, outputs, {
      learningRateMultiplier: options.linearLearningRate,
      ...(largestInteger && { largestInteger }),
      ...(storage && { storage }),
    });
    const widths = hidden.length ? [inputs, ...hidden, outputs] : [];
    this.branch = widths
      .slice(1)
      .map(
        (width, i) =>
          new Dense(parameters, `${name}.branch.${i}`, widths[i], width, i < hidden.length ? { activation } : {}),
      );
  }

  infer(input: Grid): Grid {
    const output = this.linear.infer(input);
    let inner = input;
    for (const layer of this.branch) inner = layer.infer(inner);
    return this.addBranch(output, inner);
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

export const projectionPasses: Passes<Projection> = {
  forward(layer, input) {
    const output = densePasses.forward(layer.linear, input);
    let inner = input;
    for (const hidden of layer.branch) inner = densePasses.forward(hidden, inner);
    return layer.addBranch(output, inner);
  },

  backward({ parameters, linear, branch, inputIsPicture }, gradient) {
    let inner = gradient;
    for (const hidden of branch.slice(1).reverse()) inner = densePasses.backward(hidden, inner);
    if (inputIsPicture) {
      if (branch.length) backwardDenseParameters(branch[0], inner);
      backwardDenseParameters(linear, gradient);
      return gradient;
    }
    const result = densePasses.backward(linear, gradient);
    if (branch.length) {
      inner = densePasses.backward(branch[0], inner);
      parameters.kernels.call.add(sizeOf(result), result.pointer, inner.pointer, result.pointer);
    }
    return result;
  },
};
