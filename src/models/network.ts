import type { Kernels } from "../kernels/kernels.js";
import { DifferentiableParameters } from "../nn/differentiable-parameters.js";
import { Parameters, prepareLayers, type TrainedTensor, tensorsIn } from "../nn/parameters.js";
import { levelsOf, type ModelConfiguration } from "./configuration.js";
import { LatentLevel, senderParts } from "./latent-level.js";
import { linearLearningRates } from "./learning-rates.js";
import { likelihoodParts, PixelLikelihood } from "./pixel-likelihood.js";
import { receiverParts } from "./receiver-level.js";
import { nameOf, ReceiverNetwork } from "./receiver-network.js";

/** Parts of a network that a machine needs: a receiver has no analysis transforms, unless the model restores. */
export type NetworkPart = "all" | "receiver";

/** What a network is made of: the senders' halves of its levels, the likelihood of its pixels, the receivers' halves. */
function networkParts(configuration: ModelConfiguration, part: NetworkPart) {
  const { prior, posterior, likelihood = "gaussian" } = configuration;
  const sends = part === "all" || prior.kind === "none";
  const levels = levelsOf(configuration);
  return {
    senders: sends ? levels.map(senderParts) : [],
    shared: { likelihood: sends && posterior ? likelihoodParts(likelihood) : undefined },
    receivers: levels.map((c) => receiverParts(c, linearLearningRates(c).synthesis)),
  };
}

/** Names and shapes of the parameters that a file must hold for a configuration, before any of them is allocated. */
export function expectedTensors(configuration: ModelConfiguration, part: NetworkPart): readonly TrainedTensor[] {
  const { senders, shared, receivers } = networkParts(configuration, part);
  const tensors = (parts: object, level: number): TrainedTensor[] => tensorsIn(parts, nameOf(level));
  return [...senders.flatMap(tensors), ...tensorsIn(shared), ...receivers.flatMap(tensors)];
}

/** The layers of one model over one kernel instance. */
export class Network extends ReceiverNetwork {
  declare readonly levels: readonly LatentLevel[];
  /** Present where the network is a variational autoencoder and not a receiver's half. */
  readonly likelihood: PixelLikelihood | undefined;

  constructor(
    kernels: Kernels,
    configuration: ModelConfiguration,
    options: { training?: boolean; differentiable?: boolean; part?: NetworkPart } = {},
  ) {
    const { training, differentiable = training, part = "all" } = options;
    const parameters = differentiable
      ? new DifferentiableParameters(kernels, training ?? false)
      : new Parameters(kernels);
    const parts = networkParts(configuration, part);
    const senders = parts.senders.map((sender, level) => parameters.place(sender, nameOf(level)));
    const { likelihood } = parameters.place(parts.shared);
    const receivers = parts.receivers.map((receiver, level) => parameters.place(receiver, nameOf(level)));
    super(
      parameters,
      configuration,
      levelsOf(configuration).map((c, level) => new LatentLevel(parameters, c, receivers[level], senders[level])),
    );
    this.likelihood = likelihood && new PixelLikelihood(parameters, likelihood);
  }

  prepare(): void {
    prepareLayers(this.parameters);
  }
}
