import { sum } from "../frame/statistics.mjs";
import { adam, autoencoder, autoencoderStart } from "./tasks.mjs";

/** JavaScript as one would write it without thinking of caches: typed arrays, rows inside, no WebAssembly. */
export async function plain() {
  return { name: "plain JavaScript", version: process.version, products, training };
}

function products({ N, K, M }, { input, weights, gradient }) {
  let output;
  const keep = (made) => {
    output = made;
  };
  return {
    forward: () => keep(multiply(N, M, K, input, weights, new Float32Array(N * M))),
    inputGradient: () => keep(multiplyByTransposed(N, K, M, gradient, weights)),
    weightGradient: () => keep(multiplyTransposed(N, M, K, input, gradient)),
    result: () => output,
    stop: () => {},
  };
}

function training() {
  const start = autoencoderStart();
  const { images } = start;
  const layers = start.layers.map((layer, i) => new Dense(layer, i < start.layers.length - 1));
  let steps = 0;
  return {
    step: () => {
      const output = forward(layers, images);
      const difference = output.map((value, i) => value - images[i]);
      backward(
        layers,
        difference.map((value) => (2 * value) / images.length),
      );
      steps++;
      for (const layer of layers) layer.update(steps, autoencoder.learningRate);
      return sum(difference.map((value) => value * value)) / images.length;
    },
    stop: () => {},
  };
}

/** A dense layer that learns by Adam, with ReLU after it where told so. It keeps what its way back needs. */
export class Dense {
  constructor({ K, M, weights, bias }, isRectified) {
    Object.assign(this, { K, M, isRectified });
    this.parameters = [weights, bias].map((values) => ({
      values: values.slice(),
      moment1: new Float32Array(values.length),
      moment2: new Float32Array(values.length),
    }));
  }

  forward(input) {
    const { K, M } = this;
    const N = input.length / K;
    const [weights, bias] = this.parameters;
    const start = new Float32Array(N * M);
    for (let n = 0; n < N; n++) start.set(bias.values, n * M);
    const output = multiply(N, M, K, input, weights.values, start);
    this.input = input;
    this.output = this.isRectified ? output.map((value) => Math.max(value, 0)) : output;
    return this.output;
  }

  /** The gradient by the input, unless this is the first layer. */
  backward(gradient, isFirst) {
    const { K, M, input, output } = this;
    const N = input.length / K;
    const inner = this.isRectified ? gradient.map((value, i) => (output[i] > 0 ? value : 0)) : gradient;
    this.gradients = [multiplyTransposed(N, M, K, input, inner), sumColumns(N, M, inner)];
    return isFirst ? undefined : multiplyByTransposed(N, K, M, inner, this.parameters[0].values);
  }

  update(step, learningRate) {
    const { beta1, beta2, epsilon } = adam;
    const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
    for (const [which, { values, moment1, moment2 }] of this.parameters.entries()) {
      const gradient = this.gradients[which];
      for (let i = 0; i < values.length; i++) {
        moment1[i] += (gradient[i] - moment1[i]) * (1 - beta1);
        moment2[i] += (gradient[i] ** 2 - moment2[i]) * (1 - beta2);
        values[i] -= (learningRate * moment1[i]) / correction1 / (Math.sqrt(moment2[i] / correction2) + epsilon);
      }
    }
  }
}

export const forward = (layers, input) => layers.reduce((rows, layer) => layer.forward(rows), input);
/** Back through the layers to the input of the first one, whose gradient nobody wants where it `isFirst` of all. */
export const backward = (layers, gradient, isFirst = true) =>
  layers.reduceRight((rows, layer, i) => layer.backward(rows, isFirst && i === 0), gradient);

/** output (N x M) += left (N x K) * right (K x M) */
function multiply(N, M, K, left, right, output) {
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const factor = left[n * K + k];
      for (let m = 0; m < M; m++) output[n * M + m] += factor * right[k * M + m];
    }
  }
  return output;
}

/** left (N x K) * right (M x K) transposed */
function multiplyByTransposed(N, M, K, left, right) {
  const output = new Float32Array(N * M);
  for (let n = 0; n < N; n++) {
    for (let m = 0; m < M; m++) {
      let total = 0;
      for (let k = 0; k < K; k++) total += left[n * K + k] * right[m * K + k];
      output[n * M + m] = total;
    }
  }
  return output;
}

/** left (N x K) transposed * right (N x M) */
function multiplyTransposed(N, M, K, left, right) {
  const output = new Float32Array(K * M);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      const factor = left[n * K + k];
      for (let m = 0; m < M; m++) output[k * M + m] += factor * right[n * M + m];
    }
  }
  return output;
}

function sumColumns(N, M, matrix) {
  const sums = new Float32Array(M);
  for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) sums[m] += matrix[n * M + m];
  return sums;
}
