import type { Steps } from "../ground/steps.js";
import type { ModelConfiguration } from "../models/configuration.js";
import type { Network } from "../models/network.js";
import type { Random } from "../nn/random.js";
import { autoencoderStep } from "./autoencoder-step.js";
import { evidencePass, type Standing } from "./evidence.js";
import type { TrainPlan } from "./plan.js";
import { type Batch, forwardBackward, type StepResult } from "./step.js";

/** One forward and backward pass: leaves gradients in the parameters, and all else that it allocates to the caller's scope. */
type Step = (network: Network, batch: Batch, random: Random) => Steps<StepResult>;

/** What a model of this configuration learns by: rate and distortion, or distortion alone where nothing is coded while it learns. */
const stepOf = ({ restoration, sparsity }: ModelConfiguration): Step =>
  restoration || sparsity ? autoencoderStep : forwardBackward;

/** One pass by what a plan minimises. Adds to the gradients of the parameters; all else that it allocates belongs to the caller's scope. */
export function* passThrough(
  network: Network,
  plan: TrainPlan,
  batch: Batch,
  random: Random,
  standing: Standing,
): Steps<StepResult> {
  if (plan.variational) return evidencePass(network, plan.variational, batch, random, standing);
  return yield* stepOf(network.configuration)(network, batch, random);
}
