import { IsthmusError } from "../errors.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import { Muon } from "./muon.js";
import type { TrainPlan } from "./plan.js";
import { type AdamNumbers, Soap } from "./soap.js";

export interface OptimiserOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients whose global norm is larger are scaled down to it. */
  readonly maxGradientNorm: number;
  /** What matrices are trained by; everything else by Adam. */
  readonly method: "adam" | "soap" | "muon";
  readonly mostSide: number;
  /** Largest decay of the exponential moving average of the weights. */
  readonly averageDecay: number;
}

export const defaultOptimiser: OptimiserOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradientNorm: 1,
  averageDecay: 0.999,
  method: "adam",
  mostSide: 512,
};

/** For losses in nats, whose gradients differ in size from model to model: Adam as it is, without clipping. */
export const variationalOptimiser: OptimiserOptions = {
  ...defaultOptimiser,
  beta2: 0.999,
  maxGradientNorm: Number.POSITIVE_INFINITY,
};

export const optimiserOf = ({ variational }: TrainPlan): OptimiserOptions =>
  variational ? variationalOptimiser : defaultOptimiser;

/** Adam with decoupled weight decay, clipping by global norm, and a moving average of the weights. */
export class Optimiser {
  private readonly soaps = new Map<Parameter, Soap>();
  private readonly muons = new Map<Parameter, Muon>();

  constructor(
    private readonly parameters: Parameters,
    private readonly options: OptimiserOptions = defaultOptimiser,
  ) {
    for (const parameter of parameters.all) {
      const { shape, name } = parameter;
      if (shape.length !== 2 || shape[0] < 16 || shape[1] < 16) continue;
      if (options.method === "soap")
        this.soaps.set(parameter, new Soap(parameters.kernels, parameter, this.soaps.size, options.mostSide));
      if (options.method === "muon" && !name.includes("projection"))
        this.muons.set(parameter, new Muon(parameters.kernels, parameter));
    }
  }

  /** Applies the gradients. `step` counts from 0; `rate` is the schedule's fraction of the peak learning rate. */
  step(step: number, rate: number): void {
    const { call } = this.parameters.kernels;
    const { beta1, beta2, epsilon, weightDecay, learningRate, averageDecay, maxGradientNorm } = this.options;
    const norm = this.gradientNorm();
    if (!Number.isFinite(norm)) {
      throw new IsthmusError(
        "training-diverged",
        `The gradient is not finite at step ${step}; lower the learning rate`,
      );
    }
    const gradientScale = Math.min(1, maxGradientNorm / (norm + 1e-12));
    const fraction = 1 - Math.min(averageDecay, (1 + step) / (10 + step));
    for (const p of this.parameters.all) {
      const numbers: AdamNumbers = [
        learningRate * rate * p.learningRateMultiplier,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        1 - beta1 ** (step + 1),
        1 - beta2 ** (step + 1),
        gradientScale,
      ];
      const soap = this.soaps.get(p);
      const muon = this.muons.get(p);
      if (soap) soap.step(step, numbers);
      else if (muon) muon.step(numbers[0], gradientScale);
      else call.adam(p.count, p.value, p.gradient, p.moment1, p.moment2, ...numbers);
      call.moveTowards(p.count, fraction, p.value, p.average);
    }
  }

  private gradientNorm(): number {
    const { call, memory } = this.parameters.kernels;
    return memory.scope(() => {
      const total = memory.allocate(8);
      let sum = 0;
      for (const { count, gradient } of this.parameters.all) {
        call.sumOfSquares(count, gradient, total);
        sum += memory.f64(total, 1)[0];
      }
      return Math.sqrt(sum);
    });
  }
}
