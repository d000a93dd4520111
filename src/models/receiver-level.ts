import type { Kernels } from "../kernels/kernels.js";
import { byteWeights } from "../nn/dense.js";
import { EnlargedProjection } from "../nn/enlarged-projection.js";
import type { Parameters, Placed, Storage } from "../nn/parameters.js";
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

/** What a receiver's half of a level is made of. Those that restore have neither gains nor a prior. */
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

/** A grid of latents and all that makes pixels of its symbols, over one kernel instance. */
export class ReceiverLevel {
  readonly kernels: Kernels;
  /** Absent where the prior predicts the same for every cell: the synthesis then knows as much by itself. */
  readonly centroids: Centroids | undefined;
  readonly synthesis: Transform;
  /** Gains of the receiver. Levels that restore have none: whoever codes has made sure that it is none of them. */
  readonly inverseGain!: Gains;
  /** As `inverseGain`. */
  readonly prior!: StaticPrior | ContextPrior;

  constructor(
    readonly parameters: Parameters,
    /** The model's, with what is this level's own: see `levelsOf`. */
    readonly configuration: ModelConfiguration,
    parts: Placed<ReceiverParts>,
  ) {
    const { inverseGain, synthesis, centroids, prior } = parts;
    const { projection, blocks } = synthesis;
    const Linear = configuration.chroma ? EnlargedProjection : Projection;
    this.kernels = parameters.kernels;
    if (inverseGain) this.inverseGain = new Gains(parameters, inverseGain);
    this.synthesis = new Transform(
      "branch" in projection ? new Linear(parameters, projection) : new Perceptron(parameters, projection),
      blocksOf(parameters, blocks, configuration.synthesis),
    );
    if (centroids) this.centroids = new Centroids(parameters, centroids);
    if (prior && "slope" in prior) this.prior = new StaticPrior(parameters, prior, this.inverseGain);
    else if (prior) this.prior = new ContextPrior(parameters, prior, this.inverseGain, this.centroids!);
  }
}

/** A restored picture shows what a coded one hides. */
export const projectionStorage = ({ fixedSize, restoration, weightLevels }: ModelConfiguration): Storage | undefined =>
  fixedSize || restoration
    ? undefined
    : { type: "int16", largest: weightLevels?.projections ?? 255, inTraining: weightLevels !== undefined };
