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
  const layers = start.layers.map(({ K, M, weights, bias }, i) => ({
    weights: tf.variable(tf.tensor2d(weights, [K, M])),
    bias: tf.variable(tf.tensor1d(bias)),
    activation: i < start.layers.length - 1 ? "relu" : "linear",
  }));
  const images = tf.tensor2d(start.images, [autoencoder.batch, autoencoder.sizes[0]]);
  const optimizer = tf.train.adam(autoencoder.learningRate, adam.beta1, adam.beta2, adam.epsilon);
  const loss = () => {
    let activity = images;
    for (const { weights, bias, activation } of layers) {
      activity = tf.fused.matMul({ a: activity, b: weights, bias, activation });
    }
    return tf.mean(tf.squaredDifference(activity, images));
  };
  return {
    step: () => {
      const value = optimizer.minimize(loss, true);
      const [number] = value.dataSync();
      value.dispose();
      return number;
    },
    stop: () => {
      tf.dispose([images, ...layers.flatMap(({ weights, bias }) => [weights, bias])]);
      optimizer.dispose();
    },
  };
}
