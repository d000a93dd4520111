import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(variational) {
  const { epochs, shape, speeds, testLoss, training } = variational;
  const { hidden, latents, pixels, batch } = shape;
  return [
    `## MNIST: the variational preset, ${[pixels, hidden, latents, hidden, pixels].join("-")}`,
    facts(variational),
    `Adam at 1e-3 (falling in a straight line over the last three tenths), ${batch} grey digits a step, binary cross-entropy: after ${epochs} epochs (${training.steps} steps) the negative lower bound of the
10,000 test digits is **${testLoss.toFixed(2)}** nats a digit, one sample each. For comparison, the VAE of pytorch/examples, with the same layers, batch and learning rate, reports 106.66 after 7 epochs at a constant rate.`,
    `One training step beside the same in TensorFlow.js and in plain JavaScript, one thread each, processor time, in turns within one process; ours gathers its batch from all training digits, the others always
see the same one:`,
    tableText(
      ["training step", "ms", "against Isthmus"],
      speeds.map(({ name, milliseconds, ratio }) => [name, milliseconds.toFixed(1), `${ratio.toFixed(1)}x`]),
    ),
  ];
}
