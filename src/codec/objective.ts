import { activationNumber } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { centroidsPasses } from "../models/centroids.js";
import type { Rate, RateInput } from "../models/prior.js";
import { rateOf } from "../models/rate.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { addWindows, gatherWindows } from "../models/tiling.js";
import { transformPasses } from "../models/transform.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";

/** What a piece of a picture should come out as: the pixels that count, and where they lie over the canvas of its synthesis. */
export interface Target {
  /** 1 x height x width x channels, values -0.5 .. 0.5. */
  readonly pixels: Grid;
  /** Position of its first pixel on the canvas, whose margin counts. */
  readonly left: number;
  readonly top: number;
}

/** The objective at some symbols, in bits, and what is known of it around them. All grids have the symbols' shape. */
export interface Evaluation {
  /** Bits of the symbols, plus lambda times the squared error that goes with a bit a pixel. */
  readonly cost: number;
  /** The slope by each symbol of everything but its own bits: of the error, and of the bits of those that it predicts. */
  readonly gradient: Grid;
  /** How many bits more each symbol itself would take, were it one larger or one smaller. */
  readonly up: Grid;
  readonly down: Grid;
}

const sampleRange = 255 * 255;
/** The slope of the sigmoid at 0. */
const steepestSigmoid = 0.25;

/**
 * lambda * MSE + rate of one piece of a picture as a function of its symbols: what training minimises, without noise. Runs on a network whose
 * inputs' gradients are wanted. What it allocates belongs to the caller's part of the arena.
 */
export class Objective {
  private readonly inverseGain: Pointer;
  /** Cost of a squared difference of two samples. */
  private readonly errorWeight: number;

  /** `lambda`: bits a pixel that one unit of mean squared error (of samples 0 .. 255) is worth. `q`: quality, -1 .. 1. */
  constructor(
    private readonly network: ReceiverNetwork,
    private readonly target: Target,
    private readonly q: number,
    lambda: number,
  ) {
    this.inverseGain = network.inverseGain.row(q);
    this.errorWeight = (lambda * sampleRange) / network.configuration.channels;
  }

  /** `symbols`: integers as floats. */
  evaluate(symbols: Grid): Evaluation {
    const { kernels, configuration: c, synthesis } = this.network;
    const { call, memory } = kernels;
    const [gradient, up, down] = [0, 0, 0].map(() => gridLike(kernels, symbols));
    const cost = memory.scope(() => {
      const rate = this.rate(symbols, { steps: { up, down } });
      const reconstructed = this.reconstruct(symbols, rate);
      const error = this.error(transformPasses.forward(synthesis, reconstructed));
      const windows = gatherWindows(kernels, c, error.gradient, reconstructed, c.synthesisMargin);
      const { pointer } = transformPasses.backward(synthesis, windows);
      if (rate.contextGradient) call.add(sizeOf(gradient), pointer, rate.contextGradient.pointer, pointer);
      call.scaleColumns(rowsOf(gradient), gradient.channels, pointer, this.inverseGain, gradient.pointer);
      return rate.bits[0] + error.cost;
    });
    return { cost, gradient, up, down };
  }

  /** The cost alone, in a third of the time. */
  cost(symbols: Grid): number {
    return this.network.kernels.memory.scope(() => {
      const rate = this.rate(symbols, { bitsOnly: true });
      const windows = this.network.synthesis.infer(this.reconstruct(symbols, rate));
      return rate.bits[0] + this.error(windows).cost;
    });
  }

  /**
   * The curvature of the error by the symbols of each channel, one float a channel: that of the synthesis' linear map alone, which maps
   * a symbol to a window.
   */
  curvature(): Pointer {
    const { kernels, configuration: c, parameters, synthesis } = this.network;
    const { call, memory } = kernels;
    const weights = parameters.read(synthesis.projection.linear.weight);
    const window = weights.length / c.latents;
    const curvature = memory.allocateFloats(c.latents);
    memory.f32(curvature, c.latents).set(
      Float32Array.from({ length: c.latents }, (_, channel) => {
        const column = weights.subarray(channel * window, (channel + 1) * window);
        const slope = this.isLogit ? steepestSigmoid : 1;
        return 2 * this.errorWeight * slope ** 2 * column.reduce((sum, weight) => sum + weight * weight, 0);
      }),
    );
    for (let i = 0; i < 2; i++) call.multiply(c.latents, curvature, this.inverseGain, curvature);
    return curvature;
  }

  private rate(symbols: Grid, options: Pick<RateInput, "steps" | "bitsOnly">): Rate {
    const dequantized = this.dequantize(symbols);
    return rateOf(this.network.prior, {
      values: symbols,
      dequantized,
      qualities: [this.q],
      weights: [1],
      ...options,
    });
  }

  /** The latents as the synthesis gets them. */
  private reconstruct(symbols: Grid, { distribution }: Rate): Grid {
    const { centroids } = this.network;
    return this.dequantize(
      centroids && distribution ? centroidsPasses.forward(centroids, symbols, distribution) : symbols,
    );
  }

  private dequantize(symbols: Grid): Grid {
    const { kernels } = this.network;
    const dequantized = gridLike(kernels, symbols);
    const { pointer } = dequantized;
    kernels.call.scaleColumns(rowsOf(symbols), symbols.channels, symbols.pointer, this.inverseGain, pointer);
    return dequantized;
  }

  /** The weighted squared error of what windows add up to, over the target, and its gradient by the canvas. */
  private error(windows: Grid): { cost: number; gradient: Grid } {
    const { kernels, configuration: c } = this.network;
    const { call, memory } = kernels;
    const { pixels, left, top } = this.target;
    const canvas = addWindows(kernels, c, windows, c.synthesisMargin);
    const prediction = this.isLogit ? this.samplesOf(canvas) : canvas;
    const gradient = gridLike(kernels, prediction);
    call.fill(sizeOf(gradient), 0, gradient.pointer);
    const total = memory.allocate(8);
    memory.f64(total, 1)[0] = 0;
    const rowSamples = pixels.width * c.channels;
    for (let y = 0; y < pixels.height; y++) {
      const at = ((top + y) * prediction.width + left) * c.channels * 4;
      const wanted = pixels.pointer + y * rowSamples * 4;
      const { pointer } = prediction;
      call.squaredError(rowSamples, pointer + at, wanted, this.errorWeight, gradient.pointer + at, total);
    }
    if (this.isLogit) {
      const { pointer } = gradient;
      call.activateGradient(activationNumber.sigmoid, sizeOf(canvas), canvas.pointer, pointer, pointer);
    }
    return { cost: memory.f64(total, 1)[0], gradient };
  }

  private get isLogit(): boolean {
    return this.network.configuration.likelihood === "bernoulli";
  }

  /** Samples -0.5 .. 0.5 from logits. */
  private samplesOf(logits: Grid): Grid {
    const { kernels } = this.network;
    const samples = gridLike(kernels, logits);
    const count = sizeOf(logits);
    const half = kernels.memory.allocateFloats(count);
    kernels.call.fill(count, -0.5, half);
    kernels.call.activate(activationNumber.sigmoid, count, logits.pointer, samples.pointer);
    kernels.call.add(count, samples.pointer, half, samples.pointer);
    return samples;
  }
}
