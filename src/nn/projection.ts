import type { Activation } from "../kernels/interface.js";
import { ByteProduct } from "./byte-product.js";
import { Dense } from "./dense.js";
import { type Grid, sizeOf } from "./grid.js";
import type { Layer } from "./layer.js";
import type { Parameters } from "./parameters.js";
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
  /** Inputs are bytes of a picture: see `byteProduct`. */
  readonly byteInputs?: boolean;
}

/**
 * A linear map plus a nonlinear branch: linear(x) + branch(x). The linear map can start at the principal components,
 * the branch starts at zero effect, so that training begins at the best linear autoencoder (see pca.ts).
 */
export class Projection implements Layer {
  readonly linear: Dense;
  private readonly branch: Dense[];
  private readonly bytes: ByteProduct | undefined;
  private bytesAreStale = true;
  /** Set on a first layer, whose input is the picture: saves the gradient by the input. */
  inputNeedsGradient = true;

  constructor(
    private readonly parameters: Parameters,
    name: string,
    options: ProjectionOptions,
  ) {
    const { inputs, outputs, hidden, activation, largestInteger } = options;
    this.linear = new Dense(parameters, `${name}.linear`, inputs, outputs, {
      learningRateMultiplier: options.linearLearningRate,
      ...(largestInteger && { largestInteger }),
    });
    const { kernels, differentiable } = parameters;
    const inBytes = options.byteInputs && hidden.length === 0 && !differentiable;
    this.bytes = inBytes ? new ByteProduct(kernels, inputs, outputs) : undefined;
    const widths = hidden.length ? [inputs, ...hidden, outputs] : [];
    this.branch = widths
      .slice(1)
      .map(
        (width, i) =>
          new Dense(parameters, `${name}.branch.${i}`, widths[i], width, i < hidden.length ? { activation } : {}),
      );
  }

  /** Starts the branch at zero effect and the linear map at the given weight (inputs x outputs); biases are zero. */
  initialize(linearWeight: Float32Array, random: Random): void {
    this.parameters.write(this.linear.weight, linearWeight);
    for (const layer of this.branch.slice(0, -1)) layer.initialize(random);
  }

  prepare(): void {
    this.bytesAreStale = true;
    for (const layer of [this.linear, ...this.branch]) layer.prepare();
  }

  forward(input: Grid): Grid {
    const output = this.linear.forward(input);
    let inner = input;
    for (const layer of this.branch) inner = layer.forward(inner);
    return this.addBranch(output, inner);
  }

  backward(gradient: Grid): Grid {
    const { call } = this.parameters.kernels;
    let inner = gradient;
    for (const layer of this.branch.slice(1).reverse()) inner = layer.backward(inner);
    if (!this.inputNeedsGradient) {
      this.branch[0]?.backwardParameters(inner);
      this.linear.backwardParameters(gradient);
      return gradient;
    }
    const result = this.linear.backward(gradient);
    if (this.branch.length) {
      inner = this.branch[0].backward(inner);
      call.add(sizeOf(result), result.pointer, inner.pointer, result.pointer);
    }
    return result;
  }

  infer(input: Grid): Grid {
    const output = this.linear.infer(input);
    let inner = input;
    for (const layer of this.branch) inner = layer.infer(inner);
    return this.addBranch(output, inner);
  }

  /** The product for windows of bytes; undefined where only `infer` will do. */
  get byteProduct(): ByteProduct | undefined {
    const { weight, bias } = this.linear;
    if (this.bytesAreStale) this.bytes?.prepare(this.parameters.read(weight), this.parameters.read(bias));
    this.bytesAreStale = false;
    return this.bytes;
  }

  private addBranch(output: Grid, branch: Grid): Grid {
    if (this.branch.length) {
      this.parameters.kernels.call.add(sizeOf(output), output.pointer, branch.pointer, output.pointer);
    }
    return output;
  }
}
