import type { Network } from "../models/network.js";
import { variationalParts } from "../models/variational-parts.js";
import type { Dense } from "../nn/dense.js";
import { initializeGaussian, initializePerceptron } from "../nn/perceptron.js";
import type { Random } from "../nn/random.js";
import { Breath } from "./breath.js";
import { logitOf } from "./initialize.js";
import type { PictureRows } from "./picture-rows.js";

/** Pictures that the mean is taken of. */
const samplePictures = 4096;
/** Pictures that are looked at without a pause. */
const picturesAtOnce = 64;

/**
 * Starts a variational network at random weights that see centred pictures and give the mean picture (as Burda et al. 2016, section 5, do). Weights
 * and biases are as `Dense` starts them: with the wider ones of Glorot & Bengio and no biases, the bound of digits lagged a nat behind for epochs.
 */
export async function initializeVariational(
  network: Network,
  rows: PictureRows,
  random: Random,
  breath = new Breath(),
): Promise<void> {
  const { parameters } = network;
  const { encoder, synthesis, likelihood } = variationalParts(network);
  const { mean, variance } = await statistics(network, rows, breath);
  const decoder = synthesis.projection;
  if (decoder.kind !== "perceptron") throw new Error("The network is not variational");
  initializeGaussian(encoder, random);
  initializePerceptron(decoder, random);
  centre(network, encoder.hidden[0] ?? encoder.linear, mean);
  const bias = likelihood.kind === "bernoulli" ? mean.map(logitOf) : mean;
  parameters.write(decoder.linear.bias, bias);
  likelihood.initialize(variance);
  for (const parameter of parameters.all) parameters.write(parameter, parameters.read(parameter), "average");
  network.prepare();
}

/** Mean of each sample (-0.5 .. 0.5) over pictures, and the mean variance of a sample. */
async function statistics(
  { kernels: { memory } }: Network,
  rows: PictureRows,
  breath: Breath,
): Promise<{ mean: Float32Array; variance: number }> {
  const indices = rows.indices(0, Math.min(samplePictures, rows.count));
  const sums = new Float64Array(rows.samples);
  let squares = 0;
  for (let done = 0; done < indices.length; done += picturesAtOnce) {
    const some = indices.subarray(done, done + picturesAtOnce);
    memory.scope(() => {
      const values = memory.f32(rows.rows(some, -0.5).pointer, some.length * rows.samples);
      for (let i = 0; i < values.length; i++) {
        sums[i % rows.samples] += values[i];
        squares += values[i] ** 2;
      }
    });
    await breath.breathe();
  }
  const mean = sums.map((sum) => sum / indices.length);
  const meanSquare = mean.reduce((sum, value) => sum + value ** 2, 0) / rows.samples;
  return {
    mean: Float32Array.from(mean),
    variance: Math.max(0, squares / (indices.length * rows.samples) - meanSquare),
  };
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
