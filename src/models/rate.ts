import { type ContextPrior, contextRate, contextTableShape } from "./context-prior.js";
import type { Rate, RateInput, TableShape } from "./prior.js";
import { StaticPrior, staticRate, staticTableShape } from "./static-prior.js";

/** What training and search ask of either prior; a receiver never does. */

/** Bits of noisy latents; adds to the parameters' gradients. */
export const rateOf = (prior: StaticPrior | ContextPrior, input: RateInput): Rate =>
  prior instanceof StaticPrior ? staticRate(prior, input) : contextRate(prior, input);

/** The shape of a table of the prior. */
export const tableShapeOf = (prior: StaticPrior | ContextPrior, table: number): TableShape =>
  prior instanceof StaticPrior ? staticTableShape(table) : contextTableShape(table);
