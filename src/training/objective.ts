import type { ModelConfiguration } from "../models/configuration.js";
import type { Network } from "../models/network.js";
import type { Random } from "../nn/random.js";
import { autoencoderStep } from "./autoencoder-step.js";
import { type Batch, forwardBackward, type StepResult } from "./step.js";

/** One forward and backward pass: leaves gradients in the parameters, and all else that it allocates to the caller's scope. */
export type Step = (network: Network, batch: Batch, random: Random) => StepResult;

/** What a model of this configuration learns by: rate and distortion, or distortion alone where nothing is coded while it learns. */
export const stepOf = ({ restoration, sparsity }: ModelConfiguration): Step =>
  restoration || sparsity ? autoencoderStep : forwardBackward;
