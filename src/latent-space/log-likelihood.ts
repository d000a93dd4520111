import { drawSamples, importanceLogWeights, logMeanExp } from "../models/importance-weights.js";
import type { Network } from "../models/network.js";
import { variationalParts } from "../models/variational-parts.js";
import { type Grid, rowsOf } from "../nn/grid.js";
import type { Random } from "../nn/random.js";

/** An estimate of ln p(x) of one picture. */
export interface LogLikelihood {
  /** In nats; on average too low, the less so the more samples. */
  readonly logLikelihood: number;
  /** Of the estimate, in nats: how much another seed would change it. */
  readonly standardError: number;
}

/**
 * ln 1/K sum p(x|z_k) p(z_k) / q(z_k|x) with z_k drawn from q(z|x), for each row of `input` (samples -0.5 .. 0.5) and of `target` (as
 * PixelLikelihood wants it) (Burda et al. 2016, equation 8).
 */
export function estimateLogLikelihoods(
  network: Network,
  { input, target }: { readonly input: Grid; readonly target: Grid },
  K: number,
  random: Random,
): LogLikelihood[] {
  return logWeightsOf(network, { input, target }, K, random).map(estimateOf);
}

/** The logarithms of the K importance weights of each row. */
export function logWeightsOf(
  network: Network,
  { input, target }: { readonly input: Grid; readonly target: Grid },
  K: number,
  random: Random,
): Float64Array[] {
  const { kernels } = network;
  return kernels.memory.scope(() => {
    const posterior = variationalParts(network).encoder.inferGaussian(input);
    const drawn = drawSamples(kernels, posterior, random, K);
    const logWeights = importanceLogWeights(network, posterior, drawn, target, K);
    return Array.from({ length: rowsOf(input) }, (_, n) => logWeights.slice(n * K, (n + 1) * K));
  });
}

/** The error is that of the logarithm of a mean: the deviation of the weights, relative to their mean, over the root of their number. */
export function estimateOf(logWeights: Float64Array): LogLikelihood {
  const K = logWeights.length;
  const logLikelihood = logMeanExp(logWeights);
  const squares = logWeights.reduce((sum, value) => sum + (Math.exp(value - logLikelihood) - 1) ** 2, 0);
  return { logLikelihood, standardError: K > 1 ? Math.sqrt(squares / (K - 1) / K) : Number.POSITIVE_INFINITY };
}
