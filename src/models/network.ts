import type { Kernels } from "../kernels/kernels.js";
import { type Grid, sizeOf } from "../nn/grid.js";
import type { Layer } from "../nn/layer.js";
import { Parameters } from "../nn/parameters.js";
import { GaussianEncoder, Perceptron } from "../nn/perceptron.js";
import { Projection } from "../nn/projection.js";
import { ResidualBlock } from "../nn/residual-block.js";
import { SparseCode } from "../nn/sparse-code.js";
import { Centroids } from "./centroids.js";
import {
  analysisWindow,
  type ModelConfiguration,
  synthesisWindow,
  type TransformConfiguration,
} from "./configuration.js";
import { ContextPrior } from "./context-prior.js";
import { Gains } from "./gains.js";
import { PixelLikelihood } from "./pixel-likelihood.js";
import { StaticPrior } from "./static-prior.js";

/**
 * Learning rates of the maps that start at the principal components, relative to the rest. The analysis weights are scaled up
 * and the synthesis weights scaled down by `latentScale` (see initialize.ts), so the same relative step is a different number.
 */
const linearLearningRate = { analysis: 0.8, synthesis: 0.05 };

/** Restoring networks move further from that start, and sparse ones start elsewhere. */
const restoringLearningRate = { analysis: 2, synthesis: 0.125 };
const sparseLearningRate = { analysis: 8, synthesis: 0.5 };

const learningRateOf = ({ restoration, sparsity }: ModelConfiguration) =>
  restoration ? restoringLearningRate : sparsity ? sparseLearningRate : linearLearningRate;

/** The largest weight of a window's pixel in integers: finer than a byte, because these weights make the pixels. */
const largestSynthesisInteger = 2047;

/** Parts of a network that a machine needs: a receiver has no analysis transform, unless the model restores. */
export type NetworkPart = "all" | "receiver";

/** The layers of one model over one kernel instance. */
export class Network {
  readonly parameters: Parameters;
  readonly analysis: Transform | undefined;
  readonly gain: Gains | undefined;
  /** Absent where the prior predicts the same for every cell: the synthesis then knows as much by itself. */
  readonly centroids: Centroids | undefined;
  readonly synthesis: Transform;
  /** Present where the network is a variational autoencoder and not a receiver's half. */
  readonly likelihood: PixelLikelihood | undefined;
  private readonly receiverGain: Gains | undefined;
  private readonly entropyModel: StaticPrior | ContextPrior | undefined;

  constructor(
    readonly kernels: Kernels,
    readonly configuration: ModelConfiguration,
    options: { training?: boolean; differentiable?: boolean; part?: NetworkPart } = {},
  ) {
    const c = configuration;
    this.parameters = new Parameters(kernels, options.training ?? false, options.differentiable);
    const codes = c.prior.kind !== "none";
    const linear = learningRateOf(c);
    if (options.part !== "receiver" || !codes) {
      this.analysis = new Transform(this.parameters, "analysis", c, c.analysis, "projection-first", {
        inputs: analysisWindow(c),
        outputs: c.latents,
        linearLearningRate: linear.analysis,
        byteInputs: codes && !c.fixedSize,
      });
      if (codes) this.gain = new Gains(this.parameters, "gain", c.latents);
      if (c.posterior) this.likelihood = new PixelLikelihood(this.parameters, c.likelihood ?? "gaussian");
    }
    if (codes) this.receiverGain = new Gains(this.parameters, "inverseGain", c.latents);
    this.synthesis = new Transform(this.parameters, "synthesis", c, c.synthesis, "projection-last", {
      inputs: c.latents,
      outputs: synthesisWindow(c),
      linearLearningRate: linear.synthesis,
      ...(!c.fixedSize && { largestInteger: largestSynthesisInteger }),
    });
    if (c.prior.kind === "static") {
      this.entropyModel = new StaticPrior(this.parameters, c.latents, this.inverseGain);
    } else if (c.prior.kind === "context") {
      this.centroids = new Centroids(this.parameters, c.latents);
      const shape = { ...c.prior, latents: c.latents, activation: c.activation };
      this.entropyModel = new ContextPrior(this.parameters, shape, this.inverseGain, this.centroids);
    }
  }

  /** Gains of the receiver. A network that restores has none: whoever codes has made sure that it does not. */
  get inverseGain(): Gains {
    if (!this.receiverGain) throw new Error("A network that restores has no gains");
    return this.receiverGain;
  }

  /** As `inverseGain`, a network that restores has none. */
  get prior(): StaticPrior | ContextPrior {
    if (!this.entropyModel) throw new Error("A network that restores has no prior");
    return this.entropyModel;
  }

  prepare(): void {
    this.analysis?.prepare();
    this.synthesis.prepare();
    this.entropyModel?.prepare();
  }
}

const perceptronOf = ({ posterior }: ModelConfiguration, order: "projection-first" | "projection-last") =>
  posterior && order === "projection-first" ? GaussianEncoder : Perceptron;

/** A projection between windows and latents, and residual blocks (then the sparse code) on the grid at its latent side. */
export class Transform implements Layer {
  readonly projection: Projection | Perceptron;
  readonly blocks: ResidualBlock[];
  /** Ends the analysis of a sparse model. */
  readonly code: SparseCode | undefined;
  private readonly layers: Layer[];

  constructor(
    private readonly parameters: Parameters,
    name: string,
    configuration: ModelConfiguration,
    shape: TransformConfiguration,
    order: "projection-first" | "projection-last",
    ends: {
      inputs: number;
      outputs: number;
      linearLearningRate: number;
      largestInteger?: number;
      byteInputs?: boolean;
    },
  ) {
    const { activation, latents } = configuration;
    const Kind = shape.shortcut === false ? perceptronOf(configuration, order) : Projection;
    this.projection = new Kind(parameters, `${name}.projection`, { ...ends, hidden: shape.hidden, activation });
    this.projection.inputNeedsGradient = order === "projection-last";
    this.blocks = Array.from(
      { length: shape.blocks },
      (_, i) => new ResidualBlock(parameters, `${name}.blocks.${i}`, latents, shape.blockHidden, activation),
    );
    if (order === "projection-first") {
      this.code = configuration.sparsity && new SparseCode(parameters.kernels, configuration.sparsity);
      this.layers = [this.projection, ...this.blocks, ...(this.code ? [this.code] : [])];
    } else {
      this.layers = [...this.blocks, this.projection];
    }
  }

  prepare(): void {
    for (const layer of this.layers) layer.prepare();
  }

  forward(input: Grid): Grid {
    return this.layers.reduce((grid, layer) => layer.forward(grid), input);
  }

  backward(gradient: Grid): Grid {
    return this.layers.reduceRight((grid, layer) => layer.backward(grid), gradient);
  }

  /** `infer` of everything but the projection, in place. */
  inferBlocks(grid: Grid): void {
    const { memory } = this.parameters.kernels;
    for (const block of this.blocks) block.infer(grid, grid);
    const { code } = this;
    if (code) memory.scope(() => memory.copy(code.infer(grid).pointer, grid.pointer, sizeOf(grid) * 4));
  }

  infer(input: Grid): Grid {
    return this.layers.reduce((grid, layer) => layer.infer(grid), input);
  }
}
