import type { Steps } from "../ground/steps.js";
import type { Kernels } from "../kernels/kernels.js";
import { MetricComparison } from "../metric/comparison.js";
import type { ModelConfiguration } from "../models/configuration.js";
import { type Grid, gridLike, sizeOf } from "../nn/grid.js";
import { crossEntropies } from "./cross-entropy.js";
import { lineOf, type Region, startOf } from "./region.js";
import { slowErrors } from "./slow-errors.js";
import { squaredErrors } from "./squared-error.js";
import type { DistortionWeights } from "./weights.js";

/** How far predicted canvases are from what they should show: one number an image. */
export interface Judgement {
  /**
   * What is minimised: weights.error * squaredError (or what stands in for it) + weights.means * that of the means of blocks + weights.score * (100 - score).
   */
  readonly costs: readonly number[];
  /** Mean squared errors of samples 0 .. 255. */
  readonly squaredErrors: readonly number[];
  /** SSIMULACRA 2; absent where nobody asks for it. */
  readonly scores?: readonly number[];
  /** Of the sum of the costs, by the canvases. */
  readonly gradient: Grid;
}

/** What errors are counted in: samples lie in -0.5 .. 0.5, and 0 .. 255 is meant. */
const sampleRange = 255 * 255;

/**
 * The distortion that a model is trained, refined and judged by: squared error; half the cross-entropy where canvases hold logits (likelihood
 * "bernoulli"); squared error, that of the means of blocks, and SSIMULACRA 2 where the model is tuned for that. Lives in the caller's part of the arena.
 */
export class Distortion {
  private readonly comparisons: readonly MetricComparison[];

  constructor(
    private readonly kernels: Kernels,
    private readonly configuration: Pick<ModelConfiguration, "likelihood" | "ssimulacra2">,
    private readonly region: Region,
  ) {
    const { pixels } = region;
    const floats = sizeOf(pixels) / pixels.batch;
    this.comparisons = configuration.ssimulacra2
      ? Array.from({ length: pixels.batch }, (_, image) => {
          const original = { ...pixels, batch: 1, pointer: pixels.pointer + image * floats * 4 };
          return new MetricComparison(kernels, original);
        })
      : [];
  }

  /** The judgement of canvases, in the caller's part of the arena. `weights`: one an image. */
  *judge(canvas: Grid, weights: readonly DistortionWeights[]): Steps<Judgement> {
    const { kernels } = this;
    const gradient = gridLike(kernels, canvas);
    kernels.call.fill(sizeOf(gradient), 0, gradient.pointer);
    this.showAll(canvas);
    const judgement = yield* this.judgeShown(canvas, weights, gradient);
    this.forEachHidden(canvas, (at, _, length) => kernels.memory.f32(gradient.pointer + at, length).fill(0));
    return judgement;
  }

  private *judgeShown(canvas: Grid, weights: readonly DistortionWeights[], gradient: Grid): Steps<Judgement> {
    const errors = this.errors(canvas, weights, gradient);
    if (!this.isScored) return { ...errors, gradient };
    const scores: number[] = [];
    for (const [image, { score }] of weights.entries()) {
      const start = startOf(this.region, canvas, image) * 4;
      const rows = { pointer: canvas.pointer + start, stride: lineOf(canvas) };
      const slopes = { ...rows, pointer: gradient.pointer + start };
      scores.push(yield* this.comparisons[image].differentiate(rows, -score, slopes));
    }
    const costs = errors.costs.map((cost, image) => cost + weights[image].score * (100 - scores[image]));
    return { ...errors, costs, scores, gradient };
  }

  /** The sum of the costs alone. */
  *cost(canvas: Grid, weights: readonly DistortionWeights[]): Steps<number> {
    const { kernels, comparisons } = this;
    const mark = kernels.memory.mark();
    this.showAll(canvas);
    let sum = 0;
    for (const [image, cost] of this.errors(canvas, weights, gridLike(kernels, canvas)).costs.entries()) {
      sum += cost;
      if (!this.isScored) continue;
      const pointer = canvas.pointer + startOf(this.region, canvas, image) * 4;
      const score = yield* comparisons[image].score({ pointer, stride: lineOf(canvas) });
      sum += weights[image].score * (100 - score);
    }
    kernels.memory.release(mark);
    return sum;
  }

  /** Adds what a canvas lacks, and makes its hidden pixels what they should be, so that they neither cost anything nor change what is around them. */
  private showAll(canvas: Grid): void {
    const { memory } = this.kernels;
    this.region.added?.forEach((row, y) => {
      const at = startOf(this.region, canvas, 0) + y * lineOf(canvas);
      const samples = memory.f32(canvas.pointer + at * 4, row.length);
      samples.set(row.map((sample, i) => sample + samples[i]));
    });
    this.forEachHidden(canvas, (at, wanted, length) => memory.copy(wanted, canvas.pointer + at, length * 4));
  }

  /** Calls `visit` with the place of each hidden run on the canvas, in bytes, that of its wanted samples in memory, and its samples. */
  private forEachHidden(canvas: Grid, visit: (at: number, wanted: number, length: number) => void): void {
    const { region } = this;
    const { pixels, hidden = [] } = region;
    const start = startOf(region, canvas, 0);
    for (const { x, y, length } of hidden) {
      const at = start + y * lineOf(canvas) + x * pixels.channels;
      visit(at * 4, pixels.pointer + (y * lineOf(pixels) + x * pixels.channels) * 4, length * pixels.channels);
    }
  }

  private get isScored(): boolean {
    return this.comparisons.some(({ isPossible }) => isPossible);
  }

  /** What a squared difference of two samples costs where a unit of mean squared error costs `weight`. */
  private factor(weight: number): number {
    const { pixels } = this.region;
    return (weight * sampleRange * pixels.batch) / sizeOf(pixels);
  }

  private errors(
    canvas: Grid,
    weights: readonly DistortionWeights[],
    gradient: Grid,
  ): Pick<Judgement, "costs" | "squaredErrors"> {
    const { kernels, configuration, region } = this;
    const factors = weights.map(({ error }) => this.factor(error));
    const inSamples = (sums: readonly number[]): number[] => sums.map((sum) => sum * this.factor(1));
    if (configuration.likelihood === "bernoulli") {
      const found = crossEntropies(kernels, canvas, region.pixels, factors, gradient);
      return {
        costs: found.costs.map((cost, image) => cost * factors[image]),
        squaredErrors: inSamples(found.squaredErrors),
      };
    }
    const sums = squaredErrors(kernels, canvas, region, factors, gradient);
    const costs = sums.map((sum, image) => {
      if (weights[image].means === 0) return sum * factors[image];
      const means = { factor: factors[image], weight: this.factor(weights[image].means) };
      return sum * factors[image] + means.weight * slowErrors(kernels, canvas, region, image, means, gradient);
    });
    return { costs, squaredErrors: inSamples(sums) };
  }
}
