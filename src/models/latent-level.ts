import { ByteProjection } from "../nn/byte-projection.js";
import { HalvedProjection } from "../nn/halved-projection.js";
import type { Parameters, Placed } from "../nn/parameters.js";
import { GaussianEncoder, type GaussianParts, gaussianParts, Perceptron, perceptronParts } from "../nn/perceptron.js";
import { Projection, type ProjectionParts, projectionParts } from "../nn/projection.js";
import { SparseCode } from "../nn/sparse-code.js";
import { analysisWindow, type ModelConfiguration } from "./configuration.js";
import { type GainParts, Gains, gainParts } from "./gains.js";
import { linearLearningRates } from "./learning-rates.js";
import { projectionStorage, ReceiverLevel, type ReceiverParts } from "./receiver-level.js";
import { AnalysisTransform, blocksOf, blocksParts } from "./transform.js";

type AnalysisProjectionParts = ProjectionParts | GaussianParts | Omit<GaussianParts, "logVariance">;

/** What a sender's half of a level is made of. */
export interface SenderParts {
  readonly analysis: { readonly projection: AnalysisProjectionParts; readonly blocks: readonly object[] };
  /** Levels that restore have none. */
  readonly gain: GainParts | undefined;
}

export const senderParts = (c: ModelConfiguration): SenderParts => ({
  analysis: { projection: analysisProjectionParts(c), blocks: blocksParts(c, c.analysis) },
  gain: c.prior.kind === "none" ? undefined : gainParts(c.latents),
});

function analysisProjectionParts(c: ModelConfiguration): AnalysisProjectionParts {
  const { hidden, shortcut } = c.analysis;
  const straight = c.posterior ? gaussianParts : perceptronParts;
  const partsOf = shortcut === false ? straight : projectionParts;
  return partsOf({
    inputs: analysisWindow(c),
    outputs: c.latents,
    hidden,
    activation: c.activation,
    linearLearningRate: linearLearningRates(c).analysis,
    storage: projectionStorage(c),
  });
}

/** A grid of latents and all that belongs to it: what makes its symbols of pixels, unless it is a receiver's, and what makes pixels of them. */
export class LatentLevel extends ReceiverLevel {
  readonly analysis: AnalysisTransform | undefined;
  readonly gain: Gains | undefined;

  constructor(
    parameters: Parameters,
    configuration: ModelConfiguration,
    parts: Placed<ReceiverParts>,
    sender: Placed<SenderParts> | undefined,
  ) {
    super(parameters, configuration, parts);
    this.analysis = sender && analysisOf(parameters, configuration, sender);
    this.gain = sender?.gain && new Gains(parameters, sender.gain);
  }
}

function analysisOf(parameters: Parameters, c: ModelConfiguration, { analysis }: Placed<SenderParts>) {
  const { projection: parts, blocks } = analysis;
  const { hidden } = c.analysis;
  const seesBytes = c.prior.kind !== "none" && !c.fixedSize && hidden.length === 0 && !parameters.differentiable;
  const Linear = c.chroma ? HalvedProjection : seesBytes ? ByteProjection : Projection;
  const projection =
    "branch" in parts
      ? new Linear(parameters, parts)
      : "logVariance" in parts
        ? new GaussianEncoder(parameters, parts)
        : new Perceptron(parameters, parts);
  const code = c.sparsity && new SparseCode(parameters.kernels, c.sparsity);
  return new AnalysisTransform(projection, blocksOf(parameters, blocks, c.analysis), code);
}
