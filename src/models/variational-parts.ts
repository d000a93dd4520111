import { GaussianEncoder } from "../nn/perceptron.js";
import type { Network } from "./network.js";

/** The parts of a network that are trained on the evidence. */
export function variationalParts({ levels, likelihood }: Network) {
  const [{ analysis, synthesis }] = levels;
  const encoder = analysis?.projection;
  if (!(encoder instanceof GaussianEncoder) || !likelihood) throw new Error("The network is not variational");
  return { encoder, synthesis, likelihood };
}
