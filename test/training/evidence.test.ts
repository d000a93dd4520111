import { describe, expect, test } from "vitest";
import { loadKernels } from "../../src/kernels/instantiate.js";
import { estimateLogLikelihoods, logWeightsOf } from "../../src/latent-space/log-likelihood.js";
import type { Likelihood } from "../../src/models/configuration.js";
import { logMeanExp } from "../../src/models/importance-weights.js";
import { Network } from "../../src/models/network.js";
import { variationalConfiguration } from "../../src/models/presets.js";
import { clearGradients } from "../../src/nn/gradients.js";
import type { Grid } from "../../src/nn/grid.js";
import { Random } from "../../src/nn/random.js";
import { evidenceLowerBound, importanceWeighted } from "../../src/training/evidence.js";

const kernels = await loadKernels();
const { call, memory } = kernels;
const images = 3;

/** A small network at random weights, and a batch for it. */
function setting(likelihood: Likelihood, hidden: number[] = [6]) {
  const size = { channels: 1, width: 3, height: 4 } as const;
  const configuration = variationalConfiguration({
    ...size,
    beta: 1,
    latents: 3,
    hidden,
    activation: "tanh",
    likelihood,
  });
  const network = new Network(kernels, configuration, { training: true });
  const random = new Random(kernels, 5);
  for (const parameter of network.parameters.all) {
    const values = random.uniforms(parameter.count).map((u) => 1.2 * u - 0.6);
    network.parameters.write(parameter, values);
  }
  network.prepare();
  const samples = random.uniforms(images * 12);
  const gridOf = (values: Float32Array): Grid => ({
    ...{ pointer: memory.place(values), batch: images, height: 1, width: 1, channels: 12 },
  });
  const input = gridOf(samples.map((u) => u - 0.5));
  return { network, random, batch: { input, target: likelihood === "bernoulli" ? gridOf(samples) : input } };
}

const passes = {
  "the lower bound": (s: ReturnType<typeof setting>) => evidenceLowerBound(s.network, s.batch, s.random, 1),
  "the lower bound with beta": (s: ReturnType<typeof setting>) => evidenceLowerBound(s.network, s.batch, s.random, 4),
  "the importance-weighted bound": (s: ReturnType<typeof setting>) =>
    importanceWeighted(s.network, s.batch, s.random, 5),
};

describe.each(["bernoulli", "gaussian"] as const)("gradients against finite differences, %s", (likelihood) => {
  test.each(Object.entries(passes))("of %s", (_, pass) => {
    const given = setting(likelihood);
    const { network, random } = given;
    const loss = (): number =>
      memory.scope(() => {
        random.reseed(8);
        network.prepare();
        return pass(given).loss;
      });
    clearGradients(network.parameters);
    loss();
    const gradients = network.parameters.all.map(({ gradient, count }) => memory.f32(gradient, count).slice());
    const step = 4e-3;
    network.parameters.all.forEach((parameter, p) => {
      const isUsed = !/^(gain|inverseGain|prior)\./.test(parameter.name);
      const scale = Math.hypot(...gradients[p]) / Math.sqrt(parameter.count);
      if (isUsed) expect(scale, `${parameter.name} has an effect`).toBeGreaterThan(1e-3);
      for (let i = 0; i < parameter.count && isUsed; i += 3) {
        const at = parameter.value + i * 4;
        const [value] = memory.f32(at, 1).slice();
        const moved = (by: number): number => {
          memory.f32(at, 1)[0] = value + by;
          return loss();
        };
        const quotient = (moved(step) - moved(-step)) / (2 * step);
        memory.f32(at, 1)[0] = value;
        expect(Math.abs(quotient - gradients[p][i]) / Math.max(scale, 0.05), `${parameter.name}[${i}]`).toBeLessThan(
          0.03,
        );
      }
    });
  });
});

test("samples drawn by their weights give the gradient of all samples, on average", () => {
  const given = setting("bernoulli");
  const { network, random, batch } = given;
  const weights = network.parameters.all.find(({ name }) => name === "synthesis.projection.hidden.0.weight")!;
  const gradientOf = (seed: number, backward: number): Float32Array => {
    random.reseed(seed);
    clearGradients(network.parameters);
    memory.scope(() => importanceWeighted(network, batch, random, 12, backward));
    return memory.f32(weights.gradient, weights.count).slice();
  };
  const trials = 400;
  const [sum, squares, exact] = [0, 1, 2].map(() => new Float64Array(weights.count));
  for (let seed = 0; seed < trials; seed++) {
    const all = gradientOf(seed, 12);
    gradientOf(seed, 3).forEach((value, i) => {
      sum[i] += value - all[i];
      squares[i] += (value - all[i]) ** 2;
      exact[i] += all[i];
    });
  }
  sum.forEach((value, i) => {
    const error = Math.sqrt(squares[i]) / trials;
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(value / trials) / error).toBeLessThan(4.5);
  });
  expect(Math.hypot(...exact) / trials).toBeGreaterThan(0.01);
});

test("the reparameterised gradient of E[z^2] is that of mean^2 + variance", () => {
  const [mean, logVariance, draws] = [0.7, -0.4, 200_000];
  const random = new Random(kernels, 3);
  memory.scope(() => {
    const [m, l] = [mean, logVariance].map((value) => memory.place(Float32Array.of(value)));
    const [noise, z, slope] = [0, 0, 0].map(() => memory.allocateFloats(draws));
    random.fillNormal(draws, noise);
    call.reparameterize(1, 1, draws, m, l, noise, z);
    call.fill(draws, 0, slope);
    call.addScaled(draws, 2, z, slope);
    const [byMean, byLogVariance] = [0, 0].map(() => memory.allocateFloats(1));
    call.reparameterizeGradient(1, 1, draws, l, noise, slope, byMean, byLogVariance);
    expect(memory.f32(byMean, 1)[0] / draws).toBeCloseTo(2 * mean, 1.7);
    expect(memory.f32(byLogVariance, 1)[0] / draws).toBeCloseTo(Math.exp(logVariance), 1.7);
  });
});

/**
 * Probabilistic principal components (Tipping & Bishop 1999): x = W z + mean + noise is normal, so that ln p(x) is known. With orthogonal
 * columns of W the posterior is N(M^-1 W' (x - mean), variance M^-1), M = W'W + variance, diagonal. `widening` makes the proposals wider than it.
 */
function principalComponents(widening: number) {
  const { network, random, batch } = setting("gaussian", []);
  const { parameters } = network;
  const lengths = [2, 1.1, 0.5];
  const variance = 0.3;
  const mean = Float32Array.from({ length: 12 }, (_, d) => 0.1 * Math.sin(d));
  // Orthogonal columns: cosines of different frequencies.
  const column = (d: number, k: number): number => Math.sqrt(2 / 12) * Math.cos((Math.PI * (k + 1) * (d + 0.5)) / 12);
  const M = lengths.map((length) => length ** 2 + variance);
  const write = (name: string, values: ArrayLike<number>): void =>
    parameters.write(parameters.all.find((parameter) => parameter.name === name)!, values);
  const W = (d: number, k: number): number => lengths[k] * column(d, k);
  const table = (rows: number, columns: number, value: (row: number, column: number) => number): Float32Array =>
    Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
  write(
    "synthesis.projection.linear.weight",
    table(3, 12, (k, d) => W(d, k)),
  );
  write("synthesis.projection.linear.bias", mean);
  write(
    "analysis.projection.linear.weight",
    table(12, 3, (d, k) => W(d, k) / M[k]),
  );
  const offset = M.map((m, k) => -mean.reduce((sum, value, d) => sum + value * W(d, k), 0) / m);
  write("analysis.projection.linear.bias", offset);
  write("analysis.projection.logVariance.weight", new Float32Array(36));
  write(
    "analysis.projection.logVariance.bias",
    M.map((m) => Math.log((widening * variance) / m)),
  );
  write("likelihood.logVariance", [Math.log(variance)]);
  network.prepare();
  const rows = memory.f32(batch.input.pointer, images * 12).slice();
  const exact = Array.from({ length: images }, (_, n) => {
    const centred = mean.map((value, d) => rows[n * 12 + d] - value);
    const along = M.map((_, k) => centred.reduce((sum, value, d) => sum + value * column(d, k), 0));
    const rest =
      centred.reduce((sum, value) => sum + value ** 2, 0) - along.reduce((sum, value) => sum + value ** 2, 0);
    const quadratic = rest / variance + along.reduce((sum, value, k) => sum + value ** 2 / M[k], 0);
    const logDeterminant = 9 * Math.log(variance) + M.reduce((sum, m) => sum + Math.log(m), 0);
    return -0.5 * (12 * Math.log(2 * Math.PI) + logDeterminant + quadratic);
  });
  return { network, random, batch, exact };
}

describe("ln p(x) of a linear Gaussian model", () => {
  test("is exact, sample by sample, where the proposals are the posterior", () => {
    const { network, random, batch, exact } = principalComponents(1);
    estimateLogLikelihoods(network, batch, 7, random).forEach(({ logLikelihood, standardError }, n) => {
      expect(logLikelihood).toBeCloseTo(exact[n], 4);
      expect(standardError).toBeLessThan(1e-4);
    });
  });

  test("is met within 0.01 nat by wider proposals, as the standard error says", () => {
    const { network, random, batch, exact } = principalComponents(1.3);
    estimateLogLikelihoods(network, batch, 20_000, random).forEach(({ logLikelihood, standardError }, n) => {
      expect(Math.abs(logLikelihood - exact[n])).toBeLessThan(0.01);
      expect(Math.abs(logLikelihood - exact[n])).toBeLessThan(4 * standardError);
      expect(standardError).toBeGreaterThan(1e-4);
    });
  });

  test("is approached from below: the bound grows with the number of samples", () => {
    const { network, random, batch, exact } = principalComponents(2.5);
    const [weights] = logWeightsOf(network, batch, 32_768, random);
    const boundAt = (K: number): number => {
      const bounds = Array.from({ length: weights.length / K }, (_, i) =>
        logMeanExp(weights.subarray(i * K, (i + 1) * K)),
      );
      return bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
    };
    const bounds = [1, 8, 64, 32_768].map(boundAt);
    expect([...bounds].sort((a, b) => a - b)).toEqual(bounds);
    expect(bounds[0]).toBeLessThan(exact[0] - 0.1);
    expect(bounds[3]).toBeCloseTo(exact[0], 1);
  });
});
