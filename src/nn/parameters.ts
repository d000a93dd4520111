import type { Steps } from "../ground/steps.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";

/** A trained tensor. Pointers that only training needs are 0 in a store made for inference. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly value: Pointer;
  readonly gradient: Pointer;
  readonly moment1: Pointer;
  readonly moment2: Pointer;
  /** Exponential moving average of the value: what the finished model holds. */
  readonly average: Pointer;
  /** The learning rate of this tensor is the common one times this. */
  readonly learningRateMultiplier: number;
  /** Unless as usual: see `storageOf`. */
  readonly storage: Storage | undefined;
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
  prepare(): void;
  /** The steps of `prepare`, and of what inference would pack at its first call otherwise. */
  packing?(): Steps<unknown>;
}

/** All parameters of one model in declaration order. Memory is taken once, at declaration, and kept; that of values is only cleared for training. */
export class Parameters {
  readonly all: Parameter[] = [];
  /** Layers that keep their weights in a form of their own for the kernels. */
  readonly packed: Packed[] = [];

  /** `training`: with gradients by the parameters; `differentiable`: layers can at least tell gradients by their inputs. */
  constructor(
    readonly kernels: Kernels,
    readonly training: boolean,
    readonly differentiable: boolean = training,
  ) {}

  declare(name: string, shape: readonly number[], learningRateMultiplier = 1, storage?: Storage): Parameter {
    const count = shape.reduce((product, side) => product * side, 1);
    const { call, memory } = this.kernels;
    const zeros = (): Pointer => {
      const pointer = memory.allocateFloats(count);
      call.fill(count, 0, pointer);
      return pointer;
    };
    const trained = (): Pointer => (this.training ? zeros() : 0);
    const parameter: Parameter = {
      name,
      shape,
      count,
      value: this.training ? zeros() : memory.allocateFloats(count),
      gradient: trained(),
      moment1: trained(),
      moment2: trained(),
      average: trained(),
      learningRateMultiplier,
      storage,
    };
    this.all.push(parameter);
    return parameter;
  }

  /** Packs the weights for the kernels; call it whenever parameters have changed. */
  prepare(): void {
    for (const layer of this.packed) layer.prepare();
  }

  /** A copy of one of the tensors of a parameter. */
  read(parameter: Parameter, state: ParameterState = "value"): Float32Array<ArrayBuffer> {
    return this.kernels.memory.f32(parameter[state], parameter.count).slice();
  }

  write(parameter: Parameter, values: ArrayLike<number>, state: ParameterState = "value"): void {
    this.kernels.memory.f32(parameter[state], parameter.count).set(values);
  }
}
