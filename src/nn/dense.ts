import { finish, type Steps } from "../ground/steps.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import { columnsAtOnce, denseColumns, IntegerProduct } from "./integer-product.js";
import type { Layer, Pass } from "./layer.js";
import { type Parameter, type Parameters, type Placed, type Storage, type TensorShape, trained } from "./parameters.js";
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

/** What a dense layer is made of; weight (inputs, outputs), bias (outputs). */
export interface DenseParts extends Pick<DenseOptions, "largestInteger" | "sparseInputs"> {
  readonly weight: TensorShape;
  readonly bias: TensorShape;
  readonly activation: Activation;
}

export const denseParts = (
  inputs: number,
  outputs: number,
  { activation = "identity", learningRateMultiplier, storage, ...products }: DenseOptions = {},
): DenseParts => ({
  weight: trained([inputs, outputs], learningRateMultiplier, storage),
  bias: trained([outputs], learningRateMultiplier),
  activation,
  ...products,
});

/** activation(input * weight + bias) at every position. */
export class Dense implements Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  /** Absent (0) where inference is in integers and nothing else is wanted. */
  private readonly packed: Pointer;
  /** Absent where no gradients are wanted. */
  readonly gradients: DenseGradients | undefined;
  private readonly integers: IntegerProduct | undefined;
  private integersAreStale = true;

  constructor(
    readonly parameters: Parameters,
    { weight, bias, activation, largestInteger, sparseInputs }: Placed<DenseParts>,
  ) {
    const { memory, call } = parameters.kernels;
    const [inputs, outputs] = weight.shape;
    this.inputs = inputs;
    this.outputs = outputs;
    this.activation = activation;
    this.weight = weight;
    this.bias = bias;
    this.integers = largestInteger
      ? new IntegerProduct(parameters.kernels, inputs, outputs, largestInteger, bias.value, sparseInputs)
      : undefined;
    this.gradients = parameters.gradientsOf?.(this);
    this.packed = this.integers && !this.gradients ? 0 : memory.allocateFloats(call.packedLength(inputs, outputs));
    parameters.packed.push(this);
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

  /** Packs the weights for the kernels, and what inference would pack at its first call otherwise, unless it is to do so. */
  *packing(areIntegersLater = false): Steps<void> {
    const { call } = this.parameters.kernels;
    const { inputs, outputs, packed, integers } = this;
    const weight = this.gradients?.follow() ?? this.weight.value;
    const step = columnsAtOnce(inputs, denseColumns);
    for (let first = 0; packed && first < outputs; first += step) {
      const columns = Math.min(step, outputs - first);
      call.packMatrix(inputs, columns, weight + first * 4, outputs, packed + call.packedLength(inputs, first) * 4);
      yield;
    }
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

/** What gradients need of the weights of a dense layer. */
export class DenseGradients {
  readonly packedTranspose: Pointer;
  /** Where training sees rounded weights: these, and the scales of their columns. */
  private readonly rounded:
    | { readonly largest: number; readonly weight: Pointer; readonly scales: Pointer }
    | undefined;

  constructor(private readonly layer: Dense) {
    const { parameters, inputs, outputs } = layer;
    const { memory, call } = parameters.kernels;
    const { storage } = layer.weight;
    if (parameters.training && typeof storage === "object" && storage.inTraining) {
      const [weight, scales] = [inputs * outputs, outputs].map((count) => memory.allocateFloats(count));
      this.rounded = { largest: storage.largest, weight, scales };
    }
    this.packedTranspose = memory.allocateFloats(call.packedLength(outputs, inputs));
  }

  /** Follows the weights where they have changed; returns those that training sees. */
  follow(): Pointer {
    const { layer, rounded } = this;
    const { parameters, inputs, outputs } = layer;
    const { call } = parameters.kernels;
    const weight = rounded?.weight ?? layer.weight.value;
    if (rounded) call.roundColumns(inputs, outputs, rounded.largest, layer.weight.value, rounded.scales, weight);
    call.packTransposed(outputs, inputs, weight, outputs, this.packedTranspose);
    return weight;
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

/** A pass in floats. */
export function densePass(layer: Dense, input: Grid): Pass {
  const { parameters, inputs, outputs, weight, bias, gradients } = layer;
  if (!gradients) throw new Error("A layer of a store for inference has no passes");
  const { kernels, training } = parameters;
  const { call } = kernels;
  const activation = layer.activation === "identity" ? undefined : activationNumber[layer.activation];
  const beforeActivation = layer.multiply(input, gridLike(kernels, input, outputs), "identity");
  let output = beforeActivation;
  if (activation !== undefined) {
    output = gridLike(kernels, beforeActivation);
    call.activate(activation, sizeOf(output), beforeActivation.pointer, output.pointer);
  }
  return {
    output,
    backward(gradient, isFirst) {
      let inner = gradient;
      if (activation !== undefined) {
        inner = gridLike(kernels, gradient);
        call.activateGradient(activation, sizeOf(gradient), beforeActivation.pointer, gradient.pointer, inner.pointer);
      }
      const rows = rowsOf(inner);
      if (training) {
        const [from, by] = [input.pointer, inner.pointer];
        call.multiplyTransposed(rows, outputs, inputs, from, inputs, by, outputs, weight.gradient, outputs, 1);
        call.sumColumns(rows, outputs, by, bias.gradient, 1);
      }
      if (isFirst) return inner;
      const result = gridLike(kernels, gradient, inputs);
      const { identity } = activationNumber;
      const from = [inner.pointer, outputs, gradients.packedTranspose] as const;
      call.multiplyPacked(rows, inputs, outputs, ...from, result.pointer, inputs, 0, identity, 0);
      return result;
    },
  };
}
