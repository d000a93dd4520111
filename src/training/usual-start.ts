import { defaultModel } from "../models/default-model.js";
import type { Model } from "../models/model.js";
import { mayRest } from "./lossless-share.js";
import { planTraining } from "./plan.js";
import type { SetFacts } from "./set-facts.js";
import type { TrainOptions } from "./train-options.js";

/**
 * The model to start from: the one asked for, or none where that is `null`. Photos of any kind have so much in common that the embedded model is the
 * better start where nothing is asked for, unless its neck, its patches or its task are not the wanted ones.
 */
export async function startOf(facts: SetFacts, options: TrainOptions): Promise<Model | undefined> {
  const { from, latents, start, corrupt, inputs, difference: _, ...others } = options;
  if (from !== undefined) return from ?? undefined;
  if (mayRest(facts, options)) return defaultModel();
  if ([latents, start, corrupt, inputs].some((option) => option !== undefined)) return undefined;
  const { configuration } = planTraining(facts, others);
  if (configuration.preset !== "photo") return undefined;
  const embedded = await defaultModel();
  return configuration.patch.width === embedded.configuration.patch.width ? embedded : undefined;
}
