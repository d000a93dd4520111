import * as tf from "@tensorflow/tfjs";
import { loadSource, normals, sum } from "../frame/index.mjs";
import { backward, Dense, forward } from "../kernels/plain.mjs";
import { startOf } from "../kernels/tasks.mjs";
import { adamOf, apply, tensorflow as startTensorflow, variables } from "../kernels/tensorflow.mjs";
import { rowsOf } from "../mnist/digits.mjs";

/** The same training step of a variational autoencoder 784-400-20-400-784 three times: Adam, ReLU, grey cross-entropy. */
export const shape = { pixels: 784, hidden: 400, latents: 20, batch: 128, learningRate: 1e-3 };

const { pixels, hidden, latents, batch, learningRate } = shape;
/** What the rivals' layers start from: the first, the heads of mean and logarithm of the variance, the third and the last. */
const starts = () =>
  [
    [pixels, hidden],
    [hidden, latents],
    [hidden, latents],
    [latents, hidden],
    [hidden, pixels],
  ].map(([K, M]) => startOf(K, M, Math.sqrt(6 / (K + M))));
/** Our own gathers its batch from all digits, the rivals always see the same one. */
const batchOf = (digits) => rowsOf(digits.slice(0, batch));

export async function isthmus(digits) {
  const source = await loadSource();
  const relaxed = source.relaxedSimdSupported();
  const kernels = await source.loadKernels({ relaxed });
  const options = { preset: "variational", hidden: [hidden], latents };
  const plan = source.planTraining(await source.factsOf(digits, new source.Breath()), options);
  const network = new source.Network(kernels, plan.configuration, { training: true });
  const evidence = new source.Evidence(network, digits, plan);
  const random = new source.Random(kernels, 1);
  const optimiser = new source.Optimiser(network.parameters, source.variationalOptimiser());
  await evidence.initialize(random);
  let steps = 0;
  const step = () => {
    source.clearGradients(network.parameters);
    evidence.pass(random, steps);
    optimiser.step(steps++, 1);
    network.prepare();
  };
  return { name: `Isthmus, ${relaxed ? "relaxed" : "strict"} SIMD`, step: () => kernels.memory.scope(step) };
}

export async function tensorflow(digits) {
  const { version } = await startTensorflow();
  const images = tf.tensor2d(batchOf(digits), [batch, pixels]);
  const [first, mean, logVariance, third, last] = starts().map(variables);
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
  return { name: `tfjs-wasm ${version}`, step: adamOf(loss, learningRate).step };
}

export async function plain(digits) {
  const images = batchOf(digits);
  const layers = starts().map((start, i) => new Dense(start, i === 0 || i === 3));
  const [first, mean, logVariance, ...decoder] = layers;
  const normal = normals(1);
  let steps = 0;
  const step = () => {
    const features = first.forward(images);
    const [m, l] = [mean.forward(features), logVariance.forward(features)];
    const noise = m.map(normal);
    const z = m.map((value, i) => value + Math.exp(l[i] / 2) * noise[i]);
    const logits = forward(decoder, z);
    const cost = logits.map(
      (value, i) => Math.max(value, 0) - value * images[i] + Math.log1p(Math.exp(-Math.abs(value))),
    );
    const divergence = m.map((value, i) => 0.5 * (value * value + Math.exp(l[i]) - 1 - l[i]));
    const byLogits = logits.map((value, i) => (1 / (1 + Math.exp(-value)) - images[i]) / batch);
    const byZ = backward(decoder, byLogits, false);
    const byMean = byZ.map((value, i) => value + m[i] / batch);
    const byLogVariance = byZ.map(
      (value, i) => 0.5 * Math.exp(l[i] / 2) * noise[i] * value + (0.5 * (Math.exp(l[i]) - 1)) / batch,
    );
    const others = logVariance.backward(byLogVariance);
    const byFeatures = mean.backward(byMean).map((value, i) => value + others[i]);
    first.backward(byFeatures, true);
    steps++;
    for (const layer of layers) layer.update(steps, learningRate);
    return (sum(cost) + sum(divergence)) / batch;
  };
  return { name: "plain JavaScript", step };
}
