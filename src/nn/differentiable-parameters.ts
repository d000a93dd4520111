import type { Kernels } from "../kernels/kernels.js";
import { type Dense, DenseGradients } from "./dense.js";
import { type Parameter, type ParameterRoom, Parameters, type TrainedTensor } from "./parameters.js";

/** Parameters whose layers have gradients: apart from those for inference, so that a receiver has none of it. */
export class DifferentiableParameters extends Parameters {
  override readonly differentiable = true;

  /** `training`: with gradients by the parameters; otherwise layers tell those by their inputs alone. */
  constructor(
    kernels: Kernels,
    override readonly training = true,
  ) {
    super(kernels);
  }

  override gradientsOf(layer: Dense): DenseGradients {
    return new DenseGradients(layer);
  }

  /** Cleared. */
  protected override roomFor(count: number): ParameterRoom {
    if (!this.training) return super.roomFor(count);
    const { call, memory } = this.kernels;
    const [value, gradient, moment1, moment2, average] = Array.from({ length: 5 }, () => {
      const pointer = memory.allocateFloats(count);
      call.fill(count, 0, pointer);
      return pointer;
    });
    return { value, gradient, moment1, moment2, average };
  }
}

/** Room for one tensor, under its own name. */
export const declareTensor = (parameters: Parameters, tensor: TrainedTensor): Parameter =>
  parameters.place({ [tensor.name]: tensor })[tensor.name] as unknown as Parameter;
