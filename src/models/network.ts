import type { Kernels } from "../kernels/kernels.js";
import { ByteProjection } from "../nn/byte-projection.js";
import { DifferentiableParameters } from "../nn/differentiable-parameters.js";
import { Parameters, type Placed, type TrainedTensor, tensorsIn } from "../nn/parameters.js";
import { GaussianEncoder, type GaussianParts, gaussianParts, Perceptron, perceptronParts } from "../nn/perceptron.js";
import { Projection, type ProjectionParts, projectionParts } from "../nn/projection.js";
import { SparseCode } from "../nn/sparse-code.js";
import { analysisWindow, type ModelConfiguration } from "./configuration.js";
import { type GainParts, Gains, gainParts } from "./gains.js";
import { linearLearningRates } from "./learning-rates.js";
import { type LikelihoodParts, likelihoodParts, PixelLikelihood } from "./pixel-likelihood.js";
import { projectionStorage, ReceiverNetwork, type ReceiverParts, receiverParts } from "./receiver-network.js";
import { AnalysisTransform, blocksOf, blocksParts } from "./transform.js";

/** Parts of a network that a machine needs: a receiver has no analysis transform, unless the model restores. */
export type NetworkPart = "all" | "receiver";

type AnalysisProjectionParts = ProjectionParts | GaussianParts | Omit<GaussianParts, "logVariance">;

/** What a network is made of: the sender's parts, then the receiver's. */
interface NetworkParts extends ReceiverParts {
  readonly analysis: { readonly projection: AnalysisProjectionParts; readonly blocks: readonly object[] } | undefined;
  readonly gain: GainParts | undefined;
  readonly likelihood: LikelihoodParts | undefined;
}

function networkParts(c: ModelConfiguration, part: NetworkPart): NetworkParts {
  const codes = c.prior.kind !== "none";
  const sends = part !== "receiver" || !codes;
  return {
    analysis: sends ? { projection: analysisProjectionParts(c), blocks: blocksParts(c, c.analysis) } : undefined,
    gain: sends && codes ? gainParts(c.latents) : undefined,
    likelihood: sends && c.posterior ? likelihoodParts(c.likelihood ?? "gaussian") : undefined,
    ...receiverParts(c, linearLearningRates(c).synthesis),
  };
}

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

/** Names and shapes of the parameters that a file must hold for a configuration, before any of them is allocated. */
export const expectedTensors = (configuration: ModelConfiguration, part: NetworkPart): readonly TrainedTensor[] =>
  tensorsIn(networkParts(configuration, part));

/** The layers of one model over one kernel instance. */
export class Network extends ReceiverNetwork {
  readonly analysis: AnalysisTransform | undefined;
  readonly gain: Gains | undefined;
  /** Present where the network is a variational autoencoder and not a receiver's half. */
  readonly likelihood: PixelLikelihood | undefined;

  constructor(
    kernels: Kernels,
    configuration: ModelConfiguration,
    options: { training?: boolean; differentiable?: boolean; part?: NetworkPart } = {},
  ) {
    const { training, differentiable = training } = options;
    const parameters = differentiable
      ? new DifferentiableParameters(kernels, training ?? false)
      : new Parameters(kernels);
    const parts = parameters.place(networkParts(configuration, options.part ?? "all"));
    super(parameters, configuration, parts);
    this.analysis = analysisOf(parameters, configuration, parts);
    this.gain = parts.gain && new Gains(parameters, parts.gain);
    this.likelihood = parts.likelihood && new PixelLikelihood(parameters, parts.likelihood);
  }
}

function analysisOf(parameters: Parameters, c: ModelConfiguration, { analysis }: Placed<NetworkParts>) {
  if (!analysis) return undefined;
  const { projection: parts, blocks } = analysis;
  const { hidden } = c.analysis;
  const seesBytes = c.prior.kind !== "none" && !c.fixedSize && hidden.length === 0 && !parameters.differentiable;
  const Linear = seesBytes ? ByteProjection : Projection;
  const projection =
    "branch" in parts
      ? new Linear(parameters, parts)
      : "logVariance" in parts
        ? new GaussianEncoder(parameters, parts)
        : new Perceptron(parameters, parts);
  const code = c.sparsity && new SparseCode(parameters.kernels, c.sparsity);
  return new AnalysisTransform(projection, blocksOf(parameters, blocks, c.analysis), code);
}
