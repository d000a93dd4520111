import type { Pointer } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf } from "../nn/grid.js";
import { type Parameter, type Parameters, type Placed, type TensorShape, trained } from "../nn/parameters.js";
import type { Likelihood } from "./configuration.js";

/** This one number may move faster than weights do. */
const scalarLearningRate = 5;
/** The variance of rounding to 256 levels, as a logarithm: no model knows pixels better. */
const leastLogVariance = -13.5;

export interface LikelihoodParts {
  readonly kind: Likelihood;
  /** Of normal variables only. */
  readonly logVariance: TensorShape | undefined;
}

export const likelihoodParts = (kind: Likelihood): LikelihoodParts => ({
  kind,
  logVariance: kind === "gaussian" ? trained([1], scalarLearningRate) : undefined,
});

/**
 * p(x|z): the density of pictures around what the synthesis makes of latents, pixels independent. Bernoulli variables with its numbers as
 * logits, or normal ones with its numbers as means and one learned variance.
 */
export class PixelLikelihood {
  readonly kind: Likelihood;
  private readonly logVariance: Parameter | undefined;

  constructor(
    private readonly parameters: Parameters,
    { kind, logVariance }: Placed<LikelihoodParts>,
  ) {
    this.kind = kind;
    this.logVariance = logVariance;
  }

  /** Starts at a variance of the samples. */
  initialize(variance: number): void {
    if (this.logVariance) {
      this.parameters.write(this.logVariance, [Math.max(leastLogVariance, Math.log(variance))]);
    }
  }

  /**
   * ln p(x|z) of each row of `output`, in nats; rows n * repeats .. n * repeats + repeats - 1 are judged by row n of `target` (samples 0 .. 1 for
   * Bernoulli, -0.5 .. 0.5 for normal variables).
   */
  logDensities(output: Grid, target: Grid, repeats = 1): Float32Array {
    return this.rows(output, target, repeats, 0, 0);
  }

  /** The same with the gradient by `output` of their weighted sum, negated; `weights`: floats, one a row. Adds to the parameters' gradients. */
  backward(
    output: Grid,
    target: Grid,
    weights: Float32Array,
    repeats = 1,
  ): { logDensities: Float32Array; gradient: Grid } {
    const { kernels } = this.parameters;
    const gradient = gridLike(kernels, output);
    const scale = this.logVariance ? 0.5 / Math.exp(this.boundedLogVariance()) : 1;
    const scaled = kernels.memory.place(weights.map((weight) => weight * scale));
    const logDensities = this.rows(output, target, repeats, scaled, gradient.pointer);
    if (this.logVariance?.gradient) this.addVarianceGradient(logDensities, weights, output.channels);
    return { logDensities, gradient };
  }

  /** What `gradient` is for a weight of 1, where a predicted sample is 1 too large. */
  get gradientOfDifference(): number {
    return this.logVariance ? 1 / Math.exp(this.boundedLogVariance()) : 1;
  }

  private rows(output: Grid, target: Grid, repeats: number, weights: Pointer, gradient: Pointer): Float32Array {
    const { call, memory } = this.parameters.kernels;
    const rows = rowsOf(output);
    const M = output.channels;
    const sums = memory.allocateFloats(rows);
    const kernel = this.logVariance ? call.squaredErrorRows : call.bernoulliRows;
    kernel(rows / repeats, M, repeats, output.pointer, target.pointer, weights, gradient, sums);
    const results = memory.f32(sums, rows).slice();
    if (!this.logVariance) return results;
    const logarithm = this.boundedLogVariance();
    const constant = (-M / 2) * (Math.log(2 * Math.PI) + logarithm);
    return results.map((error) => constant - error / (2 * Math.exp(logarithm)));
  }

  /** -d ln p / d logVariance = M / 2 - error / (2 variance) */
  private addVarianceGradient(logDensities: Float32Array, weights: Float32Array, M: number): void {
    const { memory } = this.parameters.kernels;
    const parameter = this.logVariance!;
    const constant = (-M / 2) * (Math.log(2 * Math.PI) + this.boundedLogVariance());
    const slope = logDensities.reduce((sum, value, row) => sum + weights[row] * (M / 2 + value - constant), 0);
    const isHeld = this.parameters.read(parameter)[0] <= leastLogVariance;
    if (!isHeld || slope < 0) memory.f32(parameter.gradient, 1)[0] += slope;
  }

  private boundedLogVariance(): number {
    return Math.max(leastLogVariance, this.parameters.read(this.logVariance!)[0]);
  }
}
