import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { adam, autoencoder, autoencoderStart } from "./tasks.mjs";

/** TensorFlow.js on its WebAssembly backend, one thread, operands already in its memory. */
export async function tensorflow() {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("TensorFlow.js runs without SIMD here");
  return { name: "tfjs-wasm", version: tf.version.tfjs, products, training };
}

function products({ N, K, M }, operands) {
  const input = tf.tensor2d(operands.input, [N, K]);
  const weights = tf.tensor2d(operands.weights, [K, M]);
  const gradient = tf.tensor2d(operands.gradient, [N, M]);
  let output;
  const keep = (tensor) => {
    output?.dispose();
    output = tensor;
  };
  return {
    forward: () => keep(tf.matMul(input, weights)),
    inputGradient: () => keep(tf.matMul(gradient, weights, false, true)),
    weightGradient: () => keep(tf.matMul(input, gradient, true, false)),
    result: () => output.dataSync().slice(),
    stop: () => tf.dispose([input, weights, gradient, output]),
  };
}

function training() {
  const start = autoencoderStart();
  const layers = start.layers.map(variables);
  const images = tf.tensor2d(start.images, [autoencoder.batch, autoencoder.sizes[0]]);
  const output = () =>
    layers.reduce((rows, layer, i) => apply(rows, layer, i < layers.length - 1 ? "relu" : "linear"), images);
  const trainer = adamOf(() => tf.mean(tf.squaredDifference(output(), images)), autoencoder.learningRate);
  return {
    step: trainer.step,
    stop: () => {
      tf.dispose([images, ...layers.flatMap(({ weights, bias }) => [weights, bias])]);
      trainer.stop();
    },
  };
}

/** A dense layer that starts as told, and what it makes of rows. */
export const variables = ({ K, M, weights, bias }) => ({
  weights: tf.variable(tf.tensor2d(weights, [K, M])),
  bias: tf.variable(tf.tensor1d(bias)),
});
export const apply = (a, { weights, bias }, activation = "linear") =>
  tf.fused.matMul({ a, b: weights, bias, activation });

/** Steps down a loss, each of which returns the loss before it. */
export function adamOf(loss, learningRate) {
  const optimizer = tf.train.adam(learningRate, adam.beta1, adam.beta2, adam.epsilon);
  const step = () => {
    const value = optimizer.minimize(loss, true);
    const [number] = value.dataSync();
    value.dispose();
    return number;
  };
  return { step, stop: () => optimizer.dispose() };
}
