import type { Activation } from "../kernels/interface.js";
import { Dense, type DenseParts, denseParts, densePass, initializeDense } from "./dense.js";
import { type Grid, sizeOf } from "./grid.js";
import { type Pass, passAlong, type TransformLayer } from "./layer.js";
import type { Parameters, Placed } from "./parameters.js";
import type { Random } from "./random.js";

export interface PerceptronOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Widths of the hidden layers, which have the activation. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

export interface PerceptronParts {
  readonly hidden: readonly DenseParts[];
  readonly linear: DenseParts;
}

export function perceptronParts({ inputs, outputs, hidden, activation }: PerceptronOptions): PerceptronParts {
  const widths = [inputs, ...hidden];
  return {
    hidden: hidden.map((width, i) => denseParts(widths[i], width, { activation })),
    linear: denseParts(widths[hidden.length], outputs),
  };
}

/** Dense layers one after the other, the last of them linear. */
export class Perceptron implements TransformLayer {
  readonly kind = "perceptron";
  readonly linear: Dense;
  readonly hidden: Dense[];

  constructor(parameters: Parameters, { hidden, linear }: Placed<PerceptronParts>) {
    this.hidden = hidden.map((parts) => new Dense(parameters, parts));
    this.linear = new Dense(parameters, linear);
  }

  infer(input: Grid): Grid {
    return this.linear.infer(this.hidden.reduce((grid, layer) => layer.infer(grid), input));
  }
}

export function initializePerceptron({ hidden, linear }: Perceptron, random: Random): void {
  for (const layer of [...hidden, linear]) initializeDense(layer, random);
}

export const perceptronPass = ({ hidden, linear }: Perceptron, input: Grid): Pass =>
  passAlong([...hidden, linear], input, densePass);

/** Mean and logarithm of the variance of normal distributions, one for each latent. */
export interface Gaussian {
  readonly mean: Grid;
  readonly logVariance: Grid;
}

export interface GaussianParts extends PerceptronParts {
  readonly logVariance: DenseParts;
}

export function gaussianParts(options: PerceptronOptions): GaussianParts {
  const parts = perceptronParts(options);
  const [inputs, outputs] = parts.linear.weight.shape;
  return { ...parts, logVariance: denseParts(inputs, outputs) };
}

/** A perceptron with two heads: q(z|x) = N(mean, variance) (Kingma & Welling 2014, appendix C.2). As a layer it is its mean. */
export class GaussianEncoder extends Perceptron {
  readonly logVariance: Dense;

  constructor(parameters: Parameters, parts: Placed<GaussianParts>) {
    super(parameters, parts);
    this.logVariance = new Dense(parameters, parts.logVariance);
  }

  /** Both heads' outputs, in little memory. */
  inferGaussian(input: Grid): Gaussian {
    const features = this.hidden.reduce((grid, layer) => layer.infer(grid), input);
    return { mean: this.linear.infer(features), logVariance: this.logVariance.infer(features) };
  }
}

export function initializeGaussian(encoder: GaussianEncoder, random: Random): void {
  initializePerceptron(encoder, random);
  initializeDense(encoder.logVariance, random);
}

/** A `Pass` of both heads; nobody wants the gradient by the input. */
export interface GaussianPass {
  readonly output: Gaussian;
  backward(gradient: Gaussian): void;
}

export function gaussianPass(encoder: GaussianEncoder, input: Grid): GaussianPass {
  const features = passAlong(encoder.hidden, input, densePass);
  const [mean, logVariance] = [encoder.linear, encoder.logVariance].map((head) => densePass(head, features.output));
  return {
    output: { mean: mean.output, logVariance: logVariance.output },
    backward(gradient) {
      const byFeatures = mean.backward(gradient.mean);
      const others = logVariance.backward(gradient.logVariance);
      const { call } = encoder.linear.parameters.kernels;
      call.add(sizeOf(byFeatures), byFeatures.pointer, others.pointer, byFeatures.pointer);
      features.backward(byFeatures, true);
    },
  };
}
