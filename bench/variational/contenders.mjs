import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { loadSource } from "../frame/load-source.mjs";
import {
  multiply,
  multiplyByTransposed,
  multiplyTransposed,
  parameter,
  sumColumns,
  update,
} from "../kernels/plain.mjs";

/** The same training step of a variational autoencoder 784-400-20-400-784 three times: Adam, ReLU, grey cross-entropy. */
export const shape = { pixels: 784, hidden: 400, latents: 20, batch: 128, learningRate: 1e-3 };

export async function isthmus(digits) {
  const source = await loadSource();
  const relaxed = source.relaxedSimdSupported();
  const kernels = await source.loadKernels({ relaxed });
  const plan = source.planTraining(await source.factsOf(digits, new source.Breath()), {
    preset: "variational",
    hidden: [shape.hidden],
    latents: shape.latents,
  });
  const network = new source.Network(kernels, plan.configuration, { training: true });
  const evidence = new source.Evidence(network, digits, plan);
  const random = new source.Random(kernels, 1);
  const optimiser = new source.Optimiser(network.parameters, source.variationalOptimiser);
  await evidence.initialize(random);
  let step = 0;
  return {
    name: `Isthmus, ${relaxed ? "relaxed" : "strict"} SIMD`,
    step: () =>
      kernels.memory.scope(() => {
        source.clearGradients(network.parameters);
        const { loss } = evidence.pass(random, step);
        optimiser.step(step++, 1);
        network.prepare();
        return loss;
      }),
  };
}

export async function tensorflow(digits) {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const { pixels, hidden, latents, batch, learningRate } = shape;
  const images = tf.tensor2d(batchOf(digits), [batch, pixels]);
  const dense = (K, M) => ({
    weights: tf.variable(tf.randomUniform([K, M], -Math.sqrt(6 / (K + M)), Math.sqrt(6 / (K + M)))),
    bias: tf.variable(tf.zeros([M])),
  });
  const [first, mean, logVariance, third, last] = [
    dense(pixels, hidden),
    dense(hidden, latents),
    dense(hidden, latents),
    dense(latents, hidden),
    dense(hidden, pixels),
  ];
  const apply = (a, { weights, bias }, activation = "linear") => tf.fused.matMul({ a, b: weights, bias, activation });
  const loss = () => {
    const features = apply(images, first, "relu");
    const m = apply(features, mean);
    const l = apply(features, logVariance);
    const z = tf.add(m, tf.mul(tf.exp(tf.mul(l, 0.5)), tf.randomNormal([batch, latents])));
    const logits = apply(apply(z, third, "relu"), last);
    const softplus = tf.add(tf.relu(logits), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(logits))))));
    const cost = tf.sum(tf.sub(softplus, tf.mul(logits, images)));
    const divergence = tf.mul(0.5, tf.sum(tf.sub(tf.add(tf.square(m), tf.exp(l)), tf.add(l, 1))));
    return tf.div(tf.add(cost, divergence), batch);
  };
  const optimizer = tf.train.adam(learningRate);
  const step = () => {
    const value = optimizer.minimize(loss, true);
    const [number] = value.dataSync();
    value.dispose();
    return number;
  };
  return { name: `tfjs-wasm ${tf.version.tfjs}`, step };
}

export async function plain(digits) {
  const { pixels, hidden, latents, batch: N } = shape;
  const images = batchOf(digits);
  const dense = (K, M) => {
    const bound = Math.sqrt(6 / (K + M));
    return {
      ...{ K, M },
      weights: parameter(Float32Array.from({ length: K * M }, () => (2 * Math.random() - 1) * bound)),
      bias: parameter(new Float32Array(M)),
    };
  };
  const layers = [
    dense(pixels, hidden),
    dense(hidden, latents),
    dense(hidden, latents),
    dense(latents, hidden),
    dense(hidden, pixels),
  ];
  const [first, mean, logVariance, third, last] = layers;
  const apply = (input, { K, M, weights, bias }) => {
    const start = new Float32Array(N * M);
    for (let n = 0; n < N; n++) start.set(bias.values, n * M);
    return multiply(N, M, K, input, weights.values, start);
  };
  const relu = (values) => values.map((value) => Math.max(value, 0));
  let steps = 0;
  const step = () => {
    const features = relu(apply(images, first));
    const m = apply(features, mean);
    const l = apply(features, logVariance);
    const noise = m.map(normal);
    const z = m.map((value, i) => value + Math.exp(l[i] / 2) * noise[i]);
    const inner = relu(apply(z, third));
    const logits = apply(inner, last);
    let loss = 0;
    const byLogits = logits.map((value, i) => {
      loss += Math.max(value, 0) - value * images[i] + Math.log1p(Math.exp(-Math.abs(value)));
      return (1 / (1 + Math.exp(-value)) - images[i]) / N;
    });
    const gradients = new Map();
    const back = (layer, input, gradient) => {
      gradients.set(layer, [
        multiplyTransposed(N, layer.M, layer.K, input, gradient),
        sumColumns(N, layer.M, gradient),
      ]);
      return layer === first ? undefined : multiplyByTransposed(N, layer.K, layer.M, gradient, layer.weights.values);
    };
    const through = (gradient, activity) => gradient.map((value, i) => (activity[i] > 0 ? value : 0));
    const byZ = back(third, z, through(back(last, inner, byLogits), inner));
    const byMean = byZ.map((value, i) => value + m[i] / N);
    const byLogVariance = byZ.map(
      (value, i) => 0.5 * Math.exp(l[i] / 2) * noise[i] * value + (0.5 * (Math.exp(l[i]) - 1)) / N,
    );
    m.forEach((value, i) => {
      loss += 0.5 * (value * value + Math.exp(l[i]) - 1 - l[i]);
    });
    const byFeatures = back(mean, features, byMean);
    back(logVariance, features, byLogVariance).forEach((value, i) => {
      byFeatures[i] += value;
    });
    back(first, images, through(byFeatures, features));
    steps++;
    for (const layer of layers) {
      const [byWeights, byBias] = gradients.get(layer);
      update(layer.weights, byWeights, steps);
      update(layer.bias, byBias, steps);
    }
    return loss / N;
  };
  return { name: "plain JavaScript", step };
}

function batchOf(digits) {
  const values = new Float32Array(shape.batch * shape.pixels);
  digits.slice(0, shape.batch).forEach(({ data }, i) => {
    values.set(
      Float32Array.from(data, (sample) => sample / 255),
      i * shape.pixels,
    );
  });
  return values;
}

const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
