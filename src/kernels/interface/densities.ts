import type { Pointer } from "../interface.js";

/** Bits and nats of latents, and their gradients. The conventions are those of ../interface.ts. */
export interface DensityKernels {
  // assembly/likelihood.ts -- bits of values under a density integrated over the unit bin [v - 1/2, v + 1/2].
  /**
   * total += weight * sum of -log2(P(v)); P of a Gaussian with `mean[i]` and standard deviation e ** logScale[i] (bounded below by 0.11).
   * P is bounded below by 1e-9; both bounds keep a gradient that points back into the range. Gradients are written, times `weight`.
   */
  gaussianBits(
    count: number,
    value: Pointer,
    mean: Pointer,
    logScale: Pointer,
    weight: number,
    gradientValue: Pointer,
    gradientMean: Pointer,
    gradientLogScale: Pointer,
    total: Pointer,
  ): void;
  /** The same for a logistic density whose STANDARD DEVIATION is e ** logScale[i] (its scale parameter is that times sqrt(3) / pi). */
  logisticBits(
    count: number,
    value: Pointer,
    mean: Pointer,
    logScale: Pointer,
    weight: number,
    gradientValue: Pointer,
    gradientMean: Pointer,
    gradientLogScale: Pointer,
    total: Pointer,
  ): void;

  /** output[i] = mean of a Gaussian within the unit bin around symbols[i] (an integer as a float), less that symbol. */
  centroids(count: number, symbols: Pointer, mean: Pointer, logScale: Pointer, output: Pointer): void;
  /**
   * How many bits more a value takes under its Gaussian when it is moved by one: up[i] of value[i] + 1, down[i] of value[i] - 1. Bounds as in
   * `gaussianBits`.
   */
  gaussianSteps(count: number, value: Pointer, mean: Pointer, logScale: Pointer, up: Pointer, down: Pointer): void;
  /** The same for the logistic density of `logisticBits`. */
  logisticSteps(count: number, value: Pointer, mean: Pointer, logScale: Pointer, up: Pointer, down: Pointer): void;

  // assembly/variational.ts -- N images of C latents, `repeats` samples of each: row n * repeats + r is sample r of image n. Nats.
  /** output (N * repeats x C) = mean (N x C) + e ** (logVariance (N x C) / 2) * noise (N * repeats x C). */
  reparameterize(
    N: number,
    C: number,
    repeats: number,
    mean: Pointer,
    logVariance: Pointer,
    noise: Pointer,
    output: Pointer,
  ): void;
  /** Gradients (N x C), written, by mean and logVariance from `gradient` (N * repeats x C) by the output of `reparameterize`; the noise is held. */
  reparameterizeGradient(
    N: number,
    C: number,
    repeats: number,
    logVariance: Pointer,
    noise: Pointer,
    gradient: Pointer,
    gradientMean: Pointer,
    gradientLogVariance: Pointer,
  ): void;
  /** divergence[n] = Kullback-Leibler divergence from N(mean[n], e ** logVariance[n]) to N(0, 1). Gradients, times `weight`, are ADDED. */
  gaussianDivergence(
    N: number,
    C: number,
    mean: Pointer,
    logVariance: Pointer,
    weight: number,
    divergence: Pointer,
    gradientMean: Pointer,
    gradientLogVariance: Pointer,
  ): void;
  /** output[n][r] = ln N(sample; 0, 1) - ln N(sample; mean, e ** logVariance) of samples that `reparameterize` made of this noise. */
  logPriorRatio(
    N: number,
    C: number,
    repeats: number,
    logVariance: Pointer,
    noise: Pointer,
    sample: Pointer,
    output: Pointer,
  ): void;
  /**
   * output[n][r] = ln probability of target[n] (N x M, 0 .. 1) under Bernoulli variables of these logits (N * repeats x M): minus the binary
   * cross-entropy. `gradient`, unless 0, is weights[n][r] * (sigmoid(logit) - target): of the weighted cross-entropy.
   */
  bernoulliRows(
    N: number,
    M: number,
    repeats: number,
    logits: Pointer,
    target: Pointer,
    weights: Pointer,
    gradient: Pointer,
    output: Pointer,
  ): void;
  /** output[n][r] = sum of (prediction[n][r] - target[n])^2; `gradient`, unless 0, is weights[n][r] * 2 * (prediction - target). */
  squaredErrorRows(
    N: number,
    M: number,
    repeats: number,
    prediction: Pointer,
    target: Pointer,
    weights: Pointer,
    gradient: Pointer,
    output: Pointer,
  ): void;
  /** output[i] = 1 where uniform[i] < probability[i], else 0. */
  drawBernoulli(count: number, probability: Pointer, uniform: Pointer, output: Pointer): void;
}
