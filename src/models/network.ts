import type { Kernels } from "../kernels/kernels.js";
import { ByteProjection } from "../nn/byte-projection.js";
import { Parameters } from "../nn/parameters.js";
import { GaussianEncoder, Perceptron } from "../nn/perceptron.js";
import { Projection } from "../nn/projection.js";
import { SparseCode } from "../nn/sparse-code.js";
import { analysisWindow, type ModelConfiguration } from "./configuration.js";
import { Gains } from "./gains.js";
import { linearLearningRates } from "./learning-rates.js";
import { PixelLikelihood } from "./pixel-likelihood.js";
import { projectionStorage, ReceiverNetwork } from "./receiver-network.js";
import { AnalysisTransform, blocksOf } from "./transform.js";

/** Parts of a network that a machine needs: a receiver has no analysis transform, unless the model restores. */
export type NetworkPart = "all" | "receiver";

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
    const c = configuration;
    const parameters = new Parameters(kernels, options.training ?? false, options.differentiable);
    const codes = c.prior.kind !== "none";
    // Parameters are laid out in the order of their declaration, the sender's first.
    const sends = options.part !== "receiver" || !codes;
    const analysis = sends ? analysisOf(parameters, c) : undefined;
    const gain = sends && codes ? new Gains(parameters, "gain", c.latents) : undefined;
    const likelihood = sends && c.posterior ? new PixelLikelihood(parameters, c.likelihood ?? "gaussian") : undefined;
    super(parameters, configuration, linearLearningRates(c).synthesis);
    this.analysis = analysis;
    this.gain = gain;
    this.likelihood = likelihood;
  }
}

function analysisOf(parameters: Parameters, c: ModelConfiguration): AnalysisTransform {
  const { hidden, shortcut } = c.analysis;
  const [inputs, outputs] = [analysisWindow(c), c.latents];
  const seesBytes = c.prior.kind !== "none" && !c.fixedSize && hidden.length === 0 && !parameters.differentiable;
  const Straight = c.posterior ? GaussianEncoder : Perceptron;
  const Kind = shortcut === false ? Straight : seesBytes ? ByteProjection : Projection;
  const projection = new Kind(parameters, "analysis.projection", {
    inputs,
    outputs,
    hidden,
    activation: c.activation,
    linearLearningRate: linearLearningRates(c).analysis,
    storage: projectionStorage(c),
  });
  const code = c.sparsity && new SparseCode(parameters.kernels, c.sparsity);
  return new AnalysisTransform(projection, blocksOf(parameters, "analysis", c, c.analysis), code);
}
