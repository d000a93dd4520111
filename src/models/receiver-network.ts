import type { Kernels } from "../kernels/kernels.js";
import { byteWeights } from "../nn/dense.js";
import { Parameters, type Storage } from "../nn/parameters.js";
import { Perceptron } from "../nn/perceptron.js";
import { Projection } from "../nn/projection.js";
import { Centroids } from "./centroids.js";
import { type ModelConfiguration, synthesisWindow } from "./configuration.js";
import { ContextPrior } from "./context-prior.js";
import { Gains } from "./gains.js";
import { StaticPrior } from "./static-prior.js";
import { blocksOf, Transform } from "./transform.js";

/** The largest weight of a window's pixel in integers: finer than a byte, because these weights make the pixels. */
const largestSynthesisInteger = 2047;

/** The layers that a receiver needs of one model, over one kernel instance: everything from symbols to pixels. */
export class ReceiverNetwork {
  readonly kernels: Kernels;
  /** Absent where the prior predicts the same for every cell: the synthesis then knows as much by itself. */
  readonly centroids: Centroids | undefined;
  readonly synthesis: Transform;
  /** Gains of the receiver. Networks that restore have none: whoever codes has made sure that it is none of them. */
  readonly inverseGain!: Gains;
  /** As `inverseGain`. */
  readonly prior!: StaticPrior | ContextPrior;

  /** `linearLearningRate`: of the synthesis, for whoever trains. */
  constructor(
    readonly parameters: Parameters,
    readonly configuration: ModelConfiguration,
    linearLearningRate = 1,
  ) {
    const c = configuration;
    this.kernels = parameters.kernels;
    if (c.prior.kind !== "none") this.inverseGain = new Gains(parameters, "inverseGain", c.latents);
    this.synthesis = synthesisOf(parameters, c, linearLearningRate);
    if (c.prior.kind === "static") {
      this.prior = new StaticPrior(parameters, c.latents, this.inverseGain);
    } else if (c.prior.kind === "context") {
      this.centroids = new Centroids(parameters, c.latents);
      const weights = byteWeights(c.weightLevels?.prior ?? c.weightLevels?.layers);
      const shape = { ...c.prior, latents: c.latents, activation: c.activation, weights };
      this.prior = new ContextPrior(parameters, shape, this.inverseGain, this.centroids);
    }
  }

  prepare(): void {
    this.parameters.prepare();
  }
}

/** A restored picture shows what a coded one hides. */
export const projectionStorage = ({ fixedSize, restoration, weightLevels }: ModelConfiguration): Storage | undefined =>
  fixedSize || restoration
    ? undefined
    : { type: "int16", largest: weightLevels?.projections ?? 255, inTraining: weightLevels !== undefined };

function synthesisOf(parameters: Parameters, c: ModelConfiguration, linearLearningRate: number): Transform {
  const { hidden, shortcut } = c.synthesis;
  const Kind = shortcut === false ? Perceptron : Projection;
  const projection = new Kind(parameters, "synthesis.projection", {
    inputs: c.latents,
    outputs: synthesisWindow(c),
    hidden,
    activation: c.activation,
    linearLearningRate,
    storage: projectionStorage(c),
    ...(!c.fixedSize && { largestInteger: largestSynthesisInteger }),
  });
  return new Transform(projection, blocksOf(parameters, "synthesis", c, c.synthesis));
}

/** A network to lay out or to run, without gradients by its parameters; `differentiable`: with those by its inputs. */
export const receiverNetwork = (kernels: Kernels, configuration: ModelConfiguration, differentiable = false) =>
  new ReceiverNetwork(new Parameters(kernels, false, differentiable), configuration);
