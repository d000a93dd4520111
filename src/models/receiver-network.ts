import type { Kernels } from "../kernels/kernels.js";
import { byteWeights } from "../nn/dense.js";
import { type Parameters, type Placed, type Storage, type TrainedTensor, tensorsIn } from "../nn/parameters.js";
import { Perceptron, type PerceptronParts, perceptronParts } from "../nn/perceptron.js";
import { Projection, type ProjectionParts, projectionParts } from "../nn/projection.js";
import { type CentroidParts, Centroids, centroidParts } from "./centroids.js";
import { type ModelConfiguration, synthesisWindow } from "./configuration.js";
import { ContextPrior, type ContextPriorParts, contextPriorParts } from "./context-prior.js";
import { type GainParts, Gains, gainParts } from "./gains.js";
import { StaticPrior, type StaticPriorParts, staticPriorParts } from "./static-prior.js";
import { blocksOf, blocksParts, Transform } from "./transform.js";

/** The largest weight of a window's pixel in integers: finer than a byte, because these weights make the pixels. */
const largestSynthesisInteger = 2047;

/** What a receiver's network is made of. Those that restore have neither gains nor a prior. */
export interface ReceiverParts {
  readonly inverseGain: GainParts | undefined;
  readonly synthesis: { readonly projection: ProjectionParts | PerceptronParts; readonly blocks: readonly object[] };
  readonly centroids: CentroidParts | undefined;
  readonly prior: StaticPriorParts | ContextPriorParts | undefined;
}

/** `linearLearningRate`: of the synthesis, for whoever trains. */
export function receiverParts(c: ModelConfiguration, linearLearningRate = 1): ReceiverParts {
  const { latents, activation, prior, weightLevels, synthesis } = c;
  const weights = byteWeights(weightLevels?.prior ?? weightLevels?.layers);
  const isContext = prior.kind === "context";
  return {
    inverseGain: prior.kind === "none" ? undefined : gainParts(latents),
    synthesis: {
      projection: (synthesis.shortcut === false ? perceptronParts : projectionParts)({
        inputs: latents,
        outputs: synthesisWindow(c),
        hidden: synthesis.hidden,
        activation,
        linearLearningRate,
        storage: projectionStorage(c),
        ...(!c.fixedSize && { largestInteger: largestSynthesisInteger }),
      }),
      blocks: blocksParts(c, synthesis),
    },
    centroids: isContext ? centroidParts(latents) : undefined,
    prior: isContext
      ? contextPriorParts({ ...prior, latents, activation, weights })
      : prior.kind === "static"
        ? staticPriorParts(latents)
        : undefined,
  };
}

/** The tensors that a receiver needs of a model of this configuration. */
export const receiverTensors = (configuration: ModelConfiguration): readonly TrainedTensor[] =>
  tensorsIn(receiverParts(configuration));

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

  constructor(
    readonly parameters: Parameters,
    readonly configuration: ModelConfiguration,
    parts: Placed<ReceiverParts>,
  ) {
    const { inverseGain, synthesis, centroids, prior } = parts;
    const { projection, blocks } = synthesis;
    this.kernels = parameters.kernels;
    if (inverseGain) this.inverseGain = new Gains(parameters, inverseGain);
    this.synthesis = new Transform(
      "branch" in projection ? new Projection(parameters, projection) : new Perceptron(parameters, projection),
      blocksOf(parameters, blocks, configuration.synthesis),
    );
    if (centroids) this.centroids = new Centroids(parameters, centroids);
    if (prior && "slope" in prior) this.prior = new StaticPrior(parameters, prior, this.inverseGain);
    else if (prior) this.prior = new ContextPrior(parameters, prior, this.inverseGain, this.centroids!);
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

/** The receiver's network in a store of parameters. */
export const receiverNetwork = (parameters: Parameters, configuration: ModelConfiguration): ReceiverNetwork =>
  new ReceiverNetwork(parameters, configuration, parameters.place(receiverParts(configuration)));
