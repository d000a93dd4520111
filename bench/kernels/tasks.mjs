import { uniforms } from "../frame/statistics.mjs";

/** What every contender of the kernel benchmark is asked to do. N rows, K inputs, M outputs. */
const layers = [
  [192, 64],
  [768, 256],
  [3072, 512],
  [784, 128],
  [512, 320],
  [320, 972],
];
export const shapesOf = (rows) => rows.flatMap((N) => layers.map(([K, M]) => ({ N, K, M })));

/** The three products of a dense layer, by the sizes of their results; each is 2 N K M floating-point operations. */
export const products = {
  /** input (N x K) * weights (K x M) */
  forward: ({ N, M }) => N * M,
  /** gradient of the output (N x M) * weights transposed (M x K) */
  inputGradient: ({ N, K }) => N * K,
  /** input transposed (K x N) * gradient of the output (N x M) */
  weightGradient: ({ K, M }) => K * M,
};

/** An autoencoder trained to copy its input: ReLU between the layers, mean squared error, Adam. */
export const autoencoder = { sizes: [784, 128, 32, 128, 784], batch: 64, learningRate: 1e-3 };
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

export function randomOperands({ N, K, M }) {
  const draw = generator(N + K + M);
  return { input: draw(N * K, 1), weights: draw(K * M, 1 / Math.sqrt(K)), gradient: draw(N * M, 1) };
}

/** The first weights, the (zero) biases and one batch in [0, 1), the same for every contender. */
export function autoencoderStart() {
  const draw = generator(1);
  const { sizes, batch } = autoencoder;
  const layers = sizes.slice(1).map((M, i) => startOf(sizes[i], M, Math.sqrt(3 / sizes[i]), draw));
  return { layers, images: draw(batch * sizes[0], 0.5).map((value) => value + 0.5) };
}

/** The first weights of a dense layer, within `bound` of 0. */
export function startOf(K, M, bound, draw = generator(K + M)) {
  return { K, M, weights: draw(K * M, bound), bias: new Float32Array(M) };
}

/** Uniform numbers in [-scale, scale). */
function generator(seed) {
  const uniform = uniforms(seed);
  return (count, scale) => Float32Array.from({ length: count }, () => (2 * uniform() - 1) * scale);
}
