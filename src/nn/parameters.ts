import { finish, type Steps } from "../ground/steps.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Dense, DenseGradients } from "./dense.js";

/** A tensor that a layer trains, as data: without a name, and without room for it. */
export interface TensorShape {
  readonly shape: readonly number[];
  readonly count: number;
  /** The learning rate of this tensor is the common one times this. */
  readonly learningRateMultiplier: number;
  /** Unless as usual: see `storageOf`. */
  readonly storage: Storage | undefined;
}

export const trained = (shape: readonly number[], learningRateMultiplier = 1, storage?: Storage): TensorShape => ({
  shape,
  count: shape.reduce((product, side) => product * side, 1),
  learningRateMultiplier,
  storage,
});

/** A trained tensor and its name. */
export interface TrainedTensor extends TensorShape {
  readonly name: string;
}

/** Where a tensor lies in kernel memory. Pointers that only training needs are 0 in a store made for inference. */
export interface ParameterRoom {
  readonly value: Pointer;
  readonly gradient: Pointer;
  readonly moment1: Pointer;
  readonly moment2: Pointer;
  /** Exponential moving average of the value: what the finished model holds. */
  readonly average: Pointer;
}

/** A trained tensor in kernel memory. */
export interface Parameter extends TrainedTensor, ParameterRoom {}

/** What layers are made from: parts, with room for each of their tensors. */
export type Placed<Parts> = Parts extends TensorShape
  ? Parameter
  : Parts extends object
    ? { readonly [Key in keyof Parts]: Placed<Parts[Key]> }
    : Parts;

/**
 * The tensors of a layer or of a whole network, in the order of its parts. Parts are data: tensors, the parts of layers within it, numbers and words.
 * Each tensor is called by the way to it: `up.weight` is `weight` among the parts of `up`.
 */
export function tensorsIn(parts: object, before = ""): TrainedTensor[] {
  const tensors: TrainedTensor[] = [];
  withTensors(parts, before, (tensor) => tensors.push(tensor));
  return tensors;
}

/** The parts with what is made of each tensor in its place. `before`: what names begin with. */
function withTensors(parts: object, before: string, make: (tensor: TrainedTensor) => unknown): object {
  const inner = (part: object | number, key: string | number): unknown => {
    if (typeof part !== "object") return part;
    const name = before + key;
    return "count" in part ? make({ ...(part as TensorShape), name }) : withTensors(part, `${name}.`, make);
  };
  return Array.isArray(parts)
    ? parts.map(inner)
    : Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, inner(part, key)]));
}

/** How values lie in a model file. */
export type Storage = "float32" | "float16" | IntegerStorage;

/** Integers with one scale for each column. */
export interface IntegerStorage {
  readonly type: "int8" | "int16";
  /** The largest integer of a column. */
  readonly largest: number;
  /** Training sees the rounded values, and learns to do with them: what is gradient of these counts as that of what they were rounded from. */
  readonly inTraining?: boolean;
}

export type ParameterState = "value" | "moment1" | "moment2" | "average";

/** A layer that packs its weights. */
interface Packed {
  /** Packs them, and what inference would pack at its first call otherwise, unless it is to do so. */
  packing(areIntegersLater?: boolean): Steps<unknown>;
}

/** All parameters of one model in declaration order. Memory is taken once, when they are declared, kept, and not cleared. */
export class Parameters {
  readonly all: Parameter[] = [];
  /** Layers that keep their weights in a form of their own for the kernels. */
  readonly packed: Packed[] = [];

  /** True in a store with gradients by its parameters, and in one whose layers can at least tell gradients by their inputs: see `DifferentiableParameters`. */
  declare readonly training?: boolean;
  declare readonly differentiable?: boolean;

  constructor(readonly kernels: Kernels) {}

  /** The parts of a layer or a network with room for their tensors. `before`: what names begin with. */
  place<Parts extends object>(parts: Parts, before = ""): Placed<Parts> {
    return withTensors(parts, before, (tensor) => {
      const parameter = { ...tensor, ...this.roomFor(tensor.count) };
      this.all.push(parameter);
      return parameter;
    }) as Placed<Parts>;
  }

  /** Of the values alone: gradients and the like have none. */
  protected roomFor(count: number): ParameterRoom {
    return { value: this.kernels.memory.allocateFloats(count) } as ParameterRoom;
  }

  /** What gradients need of a dense layer's weights besides; absent in a store for inference. */
  gradientsOf?(layer: Dense): DenseGradients;

  /** A copy of one of the tensors of a parameter. */
  read(parameter: Parameter, state: ParameterState = "value"): Float32Array<ArrayBuffer> {
    return this.kernels.memory.f32(parameter[state], parameter.count).slice();
  }

  write(parameter: Parameter, values: ArrayLike<number>, state: ParameterState = "value"): void {
    this.kernels.memory.f32(parameter[state], parameter.count).set(values);
  }
}

/** Packs the weights for the kernels; to be called whenever parameters have changed. */
export function prepareLayers({ packed }: Parameters): void {
  for (const layer of packed) finish(layer.packing(true));
}
