import type { Network } from "../models/network.js";
import { variationalParts } from "../models/variational-parts.js";
import type { Dense } from "../nn/dense.js";
import { rowsOf } from "../nn/grid.js";
import { initializePerceptron, Perceptron } from "../nn/perceptron.js";
import type { Random } from "../nn/random.js";
import { logitOf } from "./initialize.js";
import type { PictureRows } from "./picture-rows.js";

/** Pictures that the mean is taken of. */
const samplePictures = 4096;

/**
 * Starts a variational network at random weights that see centred pictures and give the mean picture (as Burda et al. 2016, section 5, do). Weights
 * and biases are as `Dense` starts them: with the wider ones of Glorot & Bengio and no biases, the bound of digits lagged a nat behind for epochs.
 */
export function initializeVariational(network: Network, rows: PictureRows, random: Random): void {
  const { kernels, parameters } = network;
  const { encoder, synthesis, likelihood } = variationalParts(network);
  const { mean, variance } = kernels.memory.scope(() => statistics(network, rows));
  const decoder = synthesis.projection;
  if (!(decoder instanceof Perceptron)) throw new Error("The network is not variational");
  for (const perceptron of [encoder, decoder]) initializePerceptron(perceptron, random);
  centre(network, encoder.hidden[0] ?? encoder.linear, mean);
  const bias = likelihood.kind === "bernoulli" ? mean.map(logitOf) : mean;
  parameters.write(decoder.linear.bias, bias);
  likelihood.initialize(variance);
  for (const parameter of parameters.all) parameters.write(parameter, parameters.read(parameter), "average");
  network.prepare();
}

/** Mean of each sample (-0.5 .. 0.5) over pictures, and the mean variance of a sample. */
function statistics({ kernels }: Network, rows: PictureRows): { mean: Float32Array; variance: number } {
  const { call, memory } = kernels;
  const count = Math.min(samplePictures, rows.count);
  const pictures = rows.rows(rows.indices(0, count), -0.5);
  const sums = memory.allocateFloats(rows.samples);
  call.sumColumns(rowsOf(pictures), rows.samples, pictures.pointer, sums, 0);
  const mean = memory.f32(sums, rows.samples).map((sum) => sum / count);
  const values = memory.f32(pictures.pointer, count * rows.samples);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean[i % rows.samples]) ** 2;
  return { mean, variance: squares / values.length };
}

/** Moves the bias of a first layer so that it sees pictures without their mean. */
function centre({ parameters }: Network, layer: Dense, mean: Float32Array): void {
  const weight = parameters.read(layer.weight);
  const bias = parameters.read(layer.bias).slice();
  mean.forEach((value, i) => {
    for (let m = 0; m < bias.length; m++) bias[m] -= value * weight[i * bias.length + m];
  });
  parameters.write(layer.bias, bias);
}
