import { adam, autoencoder, autoencoderStart } from "./tasks.mjs";

/** JavaScript as one would write it without thinking of caches: typed arrays, rows inside, no WebAssembly. */
export async function plain() {
  return { name: "plain JavaScript", version: process.version, products, training };
}

function products({ N, K, M }, { input, weights, gradient }) {
  let output;
  return {
    forward: () => {
      output = multiply(N, M, K, input, weights, new Float32Array(N * M));
    },
    inputGradient: () => {
      output = multiplyByTransposed(N, K, M, gradient, weights);
    },
    weightGradient: () => {
      output = multiplyTransposed(N, M, K, input, gradient);
    },
    result: () => output,
    stop: () => {},
  };
}

function training() {
  const { layers, images } = autoencoderStart();
  const N = autoencoder.batch;
  const states = layers.map(({ weights, bias }) => [parameter(weights), parameter(bias)]);
  let step = 0;
  return {
    step: () => {
      const activities = [images];
      for (let i = 0; i < layers.length; i++) {
        const { K, M, weights, bias } = layers[i];
        const start = new Float32Array(N * M);
        for (let n = 0; n < N; n++) start.set(bias, n * M);
        const output = multiply(N, M, K, activities[i], weights, start);
        activities.push(i < layers.length - 1 ? output.map((value) => Math.max(value, 0)) : output);
      }
      const difference = activities[layers.length].map((value, i) => value - images[i]);
      const loss = difference.reduce((sum, value) => sum + value * value, 0) / images.length;
      let gradient = difference.map((value) => (2 * value) / images.length);
      const gradients = [];
      for (let i = layers.length - 1; i >= 0; i--) {
        const { K, M, weights } = layers[i];
        gradients[i] = [multiplyTransposed(N, M, K, activities[i], gradient), sumColumns(N, M, gradient)];
        if (i === 0) break;
        const slope = activities[i];
        gradient = multiplyByTransposed(N, K, M, gradient, weights).map((value, at) => (slope[at] > 0 ? value : 0));
      }
      step++;
      states.forEach((pair, i) => {
        pair.forEach((state, j) => {
          update(state, gradients[i][j], step);
        });
      });
      return loss;
    },
    stop: () => {},
  };
}

/** output (N x M) += left (N x K) * right (K x M) */
export function multiply(N, M, K, left, right, output) {
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const factor = left[n * K + k];
      for (let m = 0; m < M; m++) output[n * M + m] += factor * right[k * M + m];
    }
  }
  return output;
}

/** left (N x K) * right (M x K) transposed */
export function multiplyByTransposed(N, M, K, left, right) {
  const output = new Float32Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += left[n * K + k] * right[m * K + k];
      output[n * M + m] = sum;
    }
  }
  return output;
}

/** left (N x K) transposed * right (N x M) */
export function multiplyTransposed(N, M, K, left, right) {
  const output = new Float32Array(K * M);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const factor = left[n * K + k];
      for (let m = 0; m < M; m++) output[k * M + m] += factor * right[n * M + m];
    }
  }
  return output;
}

export function sumColumns(N, M, matrix) {
  const sums = new Float32Array(M);
  for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) sums[m] += matrix[n * M + m];
  return sums;
}

export function parameter(values) {
  return { values, moment1: new Float32Array(values.length), moment2: new Float32Array(values.length) };
}

export function update({ values, moment1, moment2 }, gradient, step) {
  const { beta1, beta2, epsilon } = adam;
  const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
  for (let i = 0; i < values.length; i++) {
    moment1[i] += (gradient[i] - moment1[i]) * (1 - beta1);
    moment2[i] += (gradient[i] ** 2 - moment2[i]) * (1 - beta2);
    const size = Math.sqrt(moment2[i] / correction2) + epsilon;
    values[i] -= (autoencoder.learningRate * moment1[i]) / correction1 / size;
  }
}
