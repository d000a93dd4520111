import { finish, type Steps } from "../ground/steps.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import { columnsAtOnce, denseColumns, IntegerProduct } from "./integer-product.js";
import type { Layer, Passes } from "./layer.js";
import type { Parameter, Parameters, Storage } from "./parameters.js";
import type { Random } from "./random.js";

export interface DenseOptions {
  readonly activation?: Activation;
  readonly learningRateMultiplier?: number;
  /** Of the weight. */
  readonly storage?: Storage;
  /** Inference in integers, the largest weight of each column as this integer: twice as fast as in floats, with rounding that no other row has a part in. */
  readonly largestInteger?: number;
  /** Many inputs are 0, and inference in integers passes over them. */
  readonly sparseInputs?: boolean;
}

/** How the weights of layers are rounded, in files and in inference. */
export type WeightRounding = Pick<DenseOptions, "storage" | "largestInteger">;

/** Weights of a byte, or of fewer bits, whose rounding training knows of. */
export const byteWeights = (largest?: number): WeightRounding => ({
  storage: { type: "int8", largest: largest ?? mostOfByte, inTraining: largest !== undefined },
  largestInteger: largest ?? mostOfByte,
});

const mostOfByte = 127;

/** activation(input * weight + bias) at every position; weight (inputs, outputs). */
export class Dense implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly activation: Activation;
  /** Absent (0) where inference is in integers and nothing else is wanted. */
  private readonly packed: Pointer;
  /** For `backward`; absent (0) where no gradients are wanted. */
  readonly packedTranspose: Pointer;
  private readonly integers: IntegerProduct | undefined;
  private integersAreStale = true;
  /** Where training sees rounded weights: these, and the scales of their columns. */
  private readonly rounded:
    | { readonly largest: number; readonly weight: Pointer; readonly scales: Pointer }
    | undefined;
  /** What the last forward pass was given and made. */
  trace: { readonly input: Grid; readonly beforeActivation: Grid } | undefined;

  constructor(
    readonly parameters: Parameters,
    name: string,
    readonly inputs: number,
    readonly outputs: number,
    options: DenseOptions = {},
  ) {
    const { memory, call } = parameters.kernels;
    this.activation = options.activation ?? "identity";
    this.weight = parameters.declare(
      `${name}.weight`,
      [inputs, outputs],
      options.learningRateMultiplier,
      options.storage,
    );
    this.bias = parameters.declare(`${name}.bias`, [outputs], options.learningRateMultiplier);
    const { storage } = options;
    if (parameters.training && typeof storage === "object" && storage.inTraining) {
      const [weight, scales] = [inputs * outputs, outputs].map((count) => memory.allocateFloats(count));
      this.rounded = { largest: storage.largest, weight, scales };
    }
    const { largestInteger, sparseInputs } = options;
    this.integers = largestInteger
      ? new IntegerProduct(parameters.kernels, inputs, outputs, largestInteger, this.bias.value, sparseInputs)
      : undefined;
    const inFloats = parameters.differentiable || !this.integers;
    this.packed = inFloats ? memory.allocateFloats(call.packedLength(inputs, outputs)) : 0;
    this.packedTranspose = parameters.differentiable ? memory.allocateFloats(call.packedLength(outputs, inputs)) : 0;
    parameters.packed.push(this);
  }

  prepare(): void {
    finish(this.packing(true));
  }

  infer(input: Grid): Grid {
    return this.inferInto(input, gridLike(this.parameters.kernels, input, this.outputs));
  }

  /** `infer` into memory that the caller owns. */
  inferInto(input: Grid, output: Grid): Grid {
    const { product } = this;
    if (!product) return this.multiply(input, output, this.activation);
    product.multiply(input, this.activation, output);
    return output;
  }

  /** The product of inference in integers, ready for use; undefined where inference is in floats. */
  get product(): IntegerProduct | undefined {
    if (this.integersAreStale) {
      this.integersAreStale = false;
      if (this.integers) finish(this.integers.prepare(this.weight.value));
    }
    return this.integers;
  }

  /** The steps of `prepare`, and of what inference would pack at its first call otherwise, unless it is to do so. */
  *packing(areIntegersLater = false): Steps<void> {
    const { call } = this.parameters.kernels;
    const { inputs, outputs, packed, integers, rounded } = this;
    const weight = rounded?.weight ?? this.weight.value;
    if (rounded) {
      const { largest, scales } = rounded;
      call.roundColumns(inputs, outputs, largest, this.weight.value, scales, weight);
    }
    const step = columnsAtOnce(inputs, denseColumns);
    for (let first = 0; packed && first < outputs; first += step) {
      const columns = Math.min(step, outputs - first);
      call.packMatrix(inputs, columns, weight + first * 4, outputs, packed + call.packedLength(inputs, first) * 4);
      yield;
    }
    if (this.packedTranspose) call.packTransposed(outputs, inputs, weight, outputs, this.packedTranspose);
    this.integersAreStale = areIntegersLater;
    if (integers && !areIntegersLater) yield* integers.prepare(weight);
  }

  /** In floats. */
  multiply(input: Grid, output: Grid, activation: Activation): Grid {
    const { inputs, outputs } = this;
    this.parameters.kernels.call.multiplyPacked(
      rowsOf(input),
      outputs,
      inputs,
      input.pointer,
      inputs,
      this.packed,
      output.pointer,
      outputs,
      this.bias.value,
      activationNumber[activation],
      0,
    );
    return output;
  }
}

/** Uniform weights within +-1 / sqrt(inputs) and the same for the bias (LeCun et al. 1998, section 4.6). */
export function initializeDense({ parameters, inputs, weight, bias }: Dense, random: Random): void {
  const bound = 1 / Math.sqrt(inputs);
  for (const parameter of [weight, bias]) {
    parameters.write(
      parameter,
      random.uniforms(parameter.count).map((value) => (2 * value - 1) * bound),
    );
  }
}

export const densePasses: Passes<Dense> = {
  forward(layer, input) {
    const { kernels } = layer.parameters;
    const beforeActivation = layer.multiply(input, gridLike(kernels, input, layer.outputs), "identity");
    layer.trace = { input, beforeActivation };
    if (layer.activation === "identity") return beforeActivation;
    const output = gridLike(kernels, beforeActivation);
    kernels.call.activate(activationNumber[layer.activation], sizeOf(output), beforeActivation.pointer, output.pointer);
    return output;
  },

  backward(layer, gradient) {
    const { inputs, outputs, packedTranspose } = layer;
    const { kernels } = layer.parameters;
    const inner = backwardDenseParameters(layer, gradient);
    const result = gridLike(kernels, gradient, inputs);
    kernels.call.multiplyPacked(
      rowsOf(inner),
      inputs,
      outputs,
      inner.pointer,
      outputs,
      packedTranspose,
      result.pointer,
      inputs,
      0,
      activationNumber.identity,
      0,
    );
    return result;
  },
};

/**
 * The part of `backward` that fills the parameters' gradients (in training): enough for a first layer, whose input needs none.
 * Returns the gradient before the activation.
 */
export function backwardDenseParameters(layer: Dense, gradient: Grid): Grid {
  const { parameters, trace, inputs, outputs, weight, bias } = layer;
  const { kernels } = parameters;
  const { call } = kernels;
  if (!trace) throw new Error("backward before forward");
  const { input, beforeActivation } = trace;
  let inner = gradient;
  if (layer.activation !== "identity") {
    inner = gridLike(kernels, gradient);
    const kind = activationNumber[layer.activation];
    call.activateGradient(kind, sizeOf(gradient), beforeActivation.pointer, gradient.pointer, inner.pointer);
  }
  if (!parameters.training) return inner;
  call.multiplyTransposed(
    rowsOf(input),
    outputs,
    inputs,
    input.pointer,
    inputs,
    inner.pointer,
    outputs,
    weight.gradient,
    outputs,
    1,
  );
  call.sumColumns(rowsOf(input), outputs, inner.pointer, bias.gradient, 1);
  return inner;
}
