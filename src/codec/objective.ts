import { Distortion } from "../distortion/distortion.js";
import type { Region } from "../distortion/region.js";
import { type DistortionWeights, scaledWeights } from "../distortion/weights.js";
import type { Pointer } from "../kernels/kernels.js";
import { centroidsPasses } from "../models/centroids.js";
import type { Rate, RateInput } from "../models/prior.js";
import { rateOf } from "../models/rate.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { addWindows, gatherWindows } from "../models/tiling.js";
import { transformPasses } from "../models/transform.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";

/** The objective at some symbols, in bits, and what is known of it around them. All grids have the symbols' shape. */
export interface Evaluation {
  /** Bits of the symbols, and the distortion in bits. */
  readonly cost: number;
  /** The slope by each symbol of everything but its own bits: of the error, and of the bits of those that it predicts. */
  readonly gradient: Grid;
  /** How many bits more each symbol itself would take, were it one larger or one smaller. */
  readonly up: Grid;
  readonly down: Grid;
}

/**
 * Distortion + rate of one piece of a picture as a function of its symbols: what training minimises, without noise. Runs on a network whose
 * inputs' gradients are wanted. What it allocates belongs to the caller's part of the arena.
 */
export class Objective {
  private readonly inverseGain: Pointer;
  private readonly distortion: Distortion;
  private readonly weights: DistortionWeights;

  /**
   * `target`: what the piece should come out as, over the canvas of its synthesis. `q`: quality, -1 .. 1. `weights`: costs of distortion in bits a
   * pixel. What it needs for as long as it is used is allocated in the caller's part of the arena.
   */
  constructor(
    private readonly network: ReceiverNetwork,
    target: Region,
    private readonly q: number,
    weights: DistortionWeights,
  ) {
    this.inverseGain = network.inverseGain.row(q);
    this.distortion = new Distortion(network.kernels, network.configuration, target);
    this.weights = scaledWeights(weights, target.pixels.width * target.pixels.height);
  }

  /** `symbols`: integers as floats. */
  evaluate(symbols: Grid): Evaluation {
    const { kernels, configuration: c, synthesis } = this.network;
    const { call, memory } = kernels;
    const [gradient, up, down] = [0, 0, 0].map(() => gridLike(kernels, symbols));
    const cost = memory.scope(() => {
      const rate = this.rate(symbols, { steps: { up, down } });
      const reconstructed = this.reconstruct(symbols, rate);
      const canvas = addWindows(kernels, c, transformPasses.forward(synthesis, reconstructed), c.synthesisMargin);
      const distortion = this.distortion.judge(canvas, [this.weights]);
      const windows = gatherWindows(kernels, c, distortion.gradient, reconstructed, c.synthesisMargin);
      const { pointer } = transformPasses.backward(synthesis, windows);
      if (rate.contextGradient) call.add(sizeOf(gradient), pointer, rate.contextGradient.pointer, pointer);
      call.scaleColumns(rowsOf(gradient), gradient.channels, pointer, this.inverseGain, gradient.pointer);
      return rate.bits[0] + distortion.costs[0];
    });
    return { cost, gradient, up, down };
  }

  /** The cost alone, in a third of the time. */
  cost(symbols: Grid): number {
    const { kernels, configuration: c, synthesis } = this.network;
    return kernels.memory.scope(() => {
      const rate = this.rate(symbols, { bitsOnly: true });
      const windows = synthesis.infer(this.reconstruct(symbols, rate));
      return rate.bits[0] + this.distortion.cost(addWindows(kernels, c, windows, c.synthesisMargin), [this.weights]);
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
    const curvatureOfSample = this.distortion.curvature(this.weights);
    memory.f32(curvature, c.latents).set(
      Float32Array.from({ length: c.latents }, (_, channel) => {
        const column = weights.subarray(channel * window, (channel + 1) * window);
        return curvatureOfSample * column.reduce((sum, weight) => sum + weight * weight, 0);
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
}
