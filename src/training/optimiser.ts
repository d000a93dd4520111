import { IsthmusError } from "../ground/errors.js";
import type { Pointer } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import type { ModelConfiguration } from "../models/configuration.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import type { TrainPlan } from "./plan.js";
import { Soap } from "./soap.js";

export interface OptimiserOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients whose global norm is larger are scaled down to it. */
  readonly maxGradientNorm: number;
  /** What matrices are trained by; everything else is by Adam. */
  readonly matrices: "adam" | "soap";
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
  matrices: "adam",
};

/** For photos: see docs/decisions/0047. */
export const photoOptimiser = /* @__PURE__ */ besides({ matrices: "soap" });

/** For losses in nats, whose gradients differ in size from model to model: Adam as it is, without clipping. */
export const variationalOptimiser = (): OptimiserOptions =>
  besides({ beta2: 0.999, maxGradientNorm: Number.POSITIVE_INFINITY });

function besides(others: Partial<OptimiserOptions>): OptimiserOptions {
  return { ...defaultOptimiser, ...others };
}

/** They are trained by SOAP; for other models it has not been measured. */
export const isCodecOfPhotos = ({ preset, restoration }: ModelConfiguration): boolean =>
  preset === "photo" && !restoration;

export function optimiserOf({ variational, configuration }: TrainPlan): OptimiserOptions {
  if (variational) return variationalOptimiser();
  return isCodecOfPhotos(configuration) ? photoOptimiser : defaultOptimiser;
}

/** The numbers of one step of Adam, as its kernel takes them. */
export type AdamNumbers = readonly [
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
  weightDecay: number,
  correction1: number,
  correction2: number,
  gradientScale: number,
];

/** What an optimiser remembers beside the moments, which are the parameters' own; 32-bit floats. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly pointer: Pointer;
}

/** Smaller sides have no basis that would be worth it: windows of depthwise layers, single rows. */
const shortestSide = 16;

/** Adam with decoupled weight decay, or SOAP for matrices; clipping by global norm, and a moving average of the weights. */
export class Optimiser {
  private readonly soaps: ReadonlyMap<Parameter, Soap>;
  private readonly settled = new Set<Parameter>();

  constructor(
    private readonly parameters: Parameters,
    private readonly options: OptimiserOptions = defaultOptimiser,
  ) {
    const { all, kernels } = parameters;
    const matrices = options.matrices === "soap" ? all.filter(isMatrix) : [];
    this.soaps = new Map(matrices.map((matrix, turn) => [matrix, new Soap(kernels, matrix, turn)]));
  }

  /** What checkpoints hold of it. */
  get state(): StateTensor[] {
    return [...this.soaps.values()].flatMap(({ state }) => state);
  }

  /** Call it whenever the state has been written. */
  prepare(): void {
    for (const soap of this.soaps.values()) soap.prepare();
  }

  /** Leaves these where they are, from now on. */
  settle(parameters: readonly Parameter[]): void {
    for (const parameter of parameters) this.settled.add(parameter);
  }

  private get free(): readonly Parameter[] {
    return this.parameters.all.filter((parameter) => !this.settled.has(parameter));
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
    for (const p of this.free) {
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
      if (soap) soap.step(step, numbers);
      else call.adam(p.count, p.value, p.gradient, p.moment1, p.moment2, ...numbers);
      call.moveTowards(p.count, fraction, p.value, p.average);
    }
  }

  private gradientNorm(): number {
    const { call, memory } = this.parameters.kernels;
    return memory.scope(() => {
      const total = memory.allocate(8);
      let sum = 0;
      for (const { count, gradient } of this.free) {
        call.sumOfSquares(count, gradient, total);
        sum += doublesAt(memory, total, 1)[0];
      }
      return Math.sqrt(sum);
    });
  }
}

const isMatrix = ({ shape }: Parameter): boolean => shape.length === 2 && shape.every((side) => side >= shortestSide);
