import type { Activation } from "../kernels/interface.js";
import { backwardDenseParameters, Dense, densePasses, initializeDense } from "./dense.js";
import { type Grid, sizeOf } from "./grid.js";
import type { Layer, Passes } from "./layer.js";
import type { Parameters } from "./parameters.js";
import type { Random } from "./random.js";

export interface PerceptronOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Widths of the hidden layers, which have the activation. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** Dense layers one after the other, the last of them linear. */
export class Perceptron implements Layer {
  readonly linear: Dense;
  readonly hidden: Dense[];
  /** Set on a first layer: saves the gradient by the input. */
  inputIsPicture: true | undefined;

  constructor(
    protected readonly parameters: Parameters,
    name: string,
    { inputs, outputs, hidden, activation }: PerceptronOptions,
  ) {
    const widths = [inputs, ...hidden];
    this.hidden = hidden.map(
      (width, i) => new Dense(parameters, `${name}.hidden.${i}`, widths[i], width, { activation }),
    );
    this.linear = new Dense(parameters, `${name}.linear`, widths[hidden.length], outputs);
  }

  get layers(): Dense[] {
    return [...this.hidden, this.linear];
  }

  infer(input: Grid): Grid {
    return this.linear.infer(this.hidden.reduce((grid, layer) => layer.infer(grid), input));
  }
}

export function initializePerceptron({ layers }: Perceptron, random: Random): void {
  for (const layer of layers) initializeDense(layer, random);
}

export const perceptronPasses: Passes<Perceptron> = {
  forward: (layer, input) => densePasses.forward(layer.linear, forwardHidden(layer, input)),

  backward(layer, gradient) {
    const { hidden, linear, inputIsPicture } = layer;
    if (hidden.length > 0) return backwardHidden(layer, densePasses.backward(linear, gradient));
    return inputIsPicture ? backwardDenseParameters(linear, gradient) : densePasses.backward(linear, gradient);
  },
};

const forwardHidden = ({ hidden }: Perceptron, input: Grid): Grid =>
  hidden.reduce((grid, layer) => densePasses.forward(layer, grid), input);

const backwardHidden = ({ hidden, inputIsPicture }: Perceptron, gradient: Grid): Grid =>
  hidden.reduceRight(
    (grid, layer, i) =>
      i > 0 || !inputIsPicture ? densePasses.backward(layer, grid) : backwardDenseParameters(layer, grid),
    gradient,
  );

/** Mean and logarithm of the variance of normal distributions, one for each latent. */
export interface Gaussian {
  readonly mean: Grid;
  readonly logVariance: Grid;
}

/** A perceptron with two heads: q(z|x) = N(mean, variance) (Kingma & Welling 2014, appendix C.2). As a layer it is its mean. */
export class GaussianEncoder extends Perceptron {
  readonly logVariance: Dense;

  constructor(parameters: Parameters, name: string, options: PerceptronOptions) {
    super(parameters, name, options);
    this.logVariance = new Dense(parameters, `${name}.logVariance`, this.linear.inputs, options.outputs);
  }

  override get layers(): Dense[] {
    return [...super.layers, this.logVariance];
  }

  forwardGaussian(input: Grid): Gaussian {
    const features = forwardHidden(this, input);
    return {
      mean: densePasses.forward(this.linear, features),
      logVariance: densePasses.forward(this.logVariance, features),
    };
  }

  /** Takes the gradients by both heads of the last `forwardGaussian`. */
  backwardGaussian(gradient: Gaussian): void {
    const features = densePasses.backward(this.linear, gradient.mean);
    const others = densePasses.backward(this.logVariance, gradient.logVariance);
    this.parameters.kernels.call.add(sizeOf(features), features.pointer, others.pointer, features.pointer);
    if (this.hidden.length > 0) backwardHidden(this, features);
  }

  /** `forwardGaussian` in little memory. */
  inferGaussian(input: Grid): Gaussian {
    const features = this.hidden.reduce((grid, layer) => layer.infer(grid), input);
    return { mean: this.linear.infer(features), logVariance: this.logVariance.infer(features) };
  }
}
