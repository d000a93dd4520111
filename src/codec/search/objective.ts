import { Distortion } from "../../distortion/distortion.js";
import type { Region } from "../../distortion/region.js";
import { type DistortionWeights, scaledWeights } from "../../distortion/weights.js";
import type { Steps } from "../../ground/steps.js";
import type { Pointer } from "../../kernels/kernels.js";
import { centroidsPass } from "../../models/centroids.js";
import type { Distribution, Rate, RateInput } from "../../models/prior.js";
import { type CellQuality, scaleCells } from "../../models/quality-runs.js";
import { rateOf } from "../../models/rate.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { addWindows, gatherWindows } from "../../models/tiling.js";
import { inferTransform, transformPass } from "../../models/transform.js";
import { type Grid, gridLike, sizeOf } from "../../nn/grid.js";

/** The objective at some symbols, in bits, and what is known of it around them. All grids have the symbols' shape. */
export interface Evaluation {
  /** Bits of the symbols, and the distortion in bits. */
  readonly cost: number;
  /** The slope of the distortion by the reconstruction of each symbol, in quantization steps. */
  readonly gradient: Grid;
  /** The slope by each symbol of the bits of those that it predicts. */
  readonly contextGradient: Grid;
  /** How many bits more each symbol itself would take, were it one larger or one smaller. */
  readonly up: Grid;
  readonly down: Grid;
  /** How far its reconstruction would then move, in quantization steps: less than one where the symbol lies off the middle of what is expected. */
  readonly shiftUp: Grid;
  readonly shiftDown: Grid;
}

/**
 * Distortion + rate of one piece of a picture as a function of its symbols: what training minimises, without noise. Runs on a level whose
 * inputs' gradients are wanted. What it allocates belongs to the caller's part of the arena, which nobody else may use before a call is through its steps.
 */
export class Objective {
  private readonly distortion: Distortion;
  private readonly weights: DistortionWeights;

  /**
   * `target`: what the piece should come out as, over the canvas of its synthesis. `quality`: of its cells. `weightsOf`: costs of distortion in bits a
   * pixel at a quality; where that differs from place to place, bits weigh the more the less distortion costs there. What it needs for as long as it is used is allocated in the caller's part of the arena.
   */
  constructor(
    private readonly level: ReceiverLevel,
    target: Region,
    private readonly quality: CellQuality,
    private readonly weightsOf: (q: number) => DistortionWeights,
  ) {
    this.distortion = new Distortion(level.kernels, level.configuration, target);
    this.weights = scaledWeights(weightsOf(quality.q), target.pixels.width * target.pixels.height);
  }

  /** `symbols`: integers as floats. */
  *evaluate(symbols: Grid): Steps<Evaluation> {
    const { kernels } = this.level;
    const { call, memory } = kernels;
    const [gradient, contextGradient, up, down, shiftUp, shiftDown] = Array.from({ length: 6 }, () =>
      gridLike(kernels, symbols),
    );
    const mark = memory.mark();
    const rate = yield* this.rate(symbols, { steps: { up, down } });
    yield;
    const { cost: distortion, slopes } = yield* this.distort(this.reconstruct(symbols, rate.distribution));
    this.scale(slopes, gradient);
    if (rate.contextGradient) this.scale(rate.contextGradient.pointer, contextGradient);
    else call.fill(sizeOf(symbols), 0, contextGradient.pointer);
    yield;
    this.shifts(symbols, rate, shiftUp, shiftDown);
    memory.release(mark);
    const cost = rate.bits[0] + distortion;
    return { cost, gradient, contextGradient, up, down, shiftUp, shiftDown };
  }

  /** The cost alone, in a third of the time. */
  *cost(symbols: Grid): Steps<number> {
    const { kernels, configuration: c, synthesis } = this.level;
    const mark = kernels.memory.mark();
    const rate = yield* this.rate(symbols, { bitsOnly: true });
    yield;
    const windows = inferTransform(synthesis, this.reconstruct(symbols, rate.distribution));
    yield;
    const canvas = addWindows(kernels, c, windows, c.synthesisMargin);
    const distortion = yield* this.distortion.cost(canvas, [this.weights]);
    kernels.memory.release(mark);
    return rate.bits[0] + distortion;
  }

  /**
   * The slopes of the distortion by the reconstructions of symbols that are moved by `shift` (floats of the symbols' shape), in quantization steps.
   */
  *slopesAfter(symbols: Grid, shift: Pointer): Steps<Grid> {
    const { kernels } = this.level;
    const slopes = gridLike(kernels, symbols);
    const mark = kernels.memory.mark();
    const { distribution } = yield* this.rate(symbols, { bitsOnly: true });
    yield;
    const { slopes: found } = yield* this.distort(this.reconstruct(symbols, distribution, shift));
    this.scale(found, slopes);
    kernels.memory.release(mark);
    return slopes;
  }

  private rate(symbols: Grid, options: Pick<RateInput, "steps" | "bitsOnly">): Steps<Rate> {
    const dequantized = this.dequantize(symbols);
    const { q, places } = this.quality;
    const weightAt = (at: number): number => worthOf(this.weightsOf(q)) / worthOf(this.weightsOf(at));
    return rateOf(this.level.prior, {
      values: symbols,
      dequantized,
      qualities: [q],
      weights: [1],
      places: places && { qualities: places, weightAt },
      ...options,
    });
  }

  /** The latents as the synthesis gets them, where each reconstruction is moved by `shift` steps besides. */
  private reconstruct(symbols: Grid, distribution: Distribution | undefined, shift?: Pointer): Grid {
    const { centroids, kernels } = this.level;
    const centred = centroids && distribution ? centroidsPass(centroids, symbols, distribution).output : symbols;
    if (shift === undefined) return this.dequantize(centred);
    const moved = gridLike(kernels, centred);
    kernels.call.add(sizeOf(moved), centred.pointer, shift, moved.pointer);
    return this.dequantize(moved);
  }

  /** The distortion of what latents show, and its slopes by them. */
  private *distort(reconstructed: Grid): Steps<{ cost: number; slopes: Pointer }> {
    const { kernels, configuration: c, synthesis } = this.level;
    const pass = transformPass(synthesis, reconstructed);
    const canvas = addWindows(kernels, c, pass.output, c.synthesisMargin);
    yield;
    const { costs, gradient } = yield* this.distortion.judge(canvas, [this.weights]);
    yield;
    const windows = gatherWindows(kernels, c, gradient, reconstructed, c.synthesisMargin);
    return { cost: costs[0], slopes: pass.backward(windows).pointer };
  }

  /** How far the reconstructions of symbols move with them. */
  private shifts(symbols: Grid, { distribution }: Rate, up: Grid, down: Grid): void {
    const { kernels, centroids } = this.level;
    const { call, memory } = kernels;
    const count = sizeOf(symbols);
    for (const { pointer } of [up, down]) call.fill(count, 1, pointer);
    if (!centroids || !distribution) return;
    memory.scope(() => {
      const moved = gridLike(kernels, symbols);
      const reconstruct = (by: number): Grid => {
        call.fill(count, by, moved.pointer);
        call.add(count, moved.pointer, symbols.pointer, moved.pointer);
        return centroidsPass(centroids, moved, distribution).output;
      };
      const [below, here, above] = [-1, 0, 1].map((by) => reconstruct(by).pointer);
      memory.copy(above, up.pointer, count * 4);
      call.addScaled(count, -1, here, up.pointer);
      memory.copy(here, down.pointer, count * 4);
      call.addScaled(count, -1, below, down.pointer);
    });
  }

  private dequantize(symbols: Grid): Grid {
    const dequantized = gridLike(this.level.kernels, symbols);
    this.scale(symbols.pointer, dequantized);
    return dequantized;
  }

  /** From quantization steps to latents; gradients the other way. */
  private scale(from: Pointer, to: Grid): void {
    scaleCells(this.level.inverseGain, { ...to, pointer: from }, this.quality, to.pointer);
  }
}

/** What distortion costs, in one number: that of the score where it counts. */
const worthOf = ({ error, score }: DistortionWeights): number => score || error;
