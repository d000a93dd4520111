import { type ContextPrior, contextTableShape } from "./context-prior.js";
import { contextRate } from "./context-rate.js";
import { contextSend } from "./context-send.js";
import type { Rate, RateInput, Stretch, SymbolGrid, TableShape } from "./prior.js";
import { StaticPrior, staticRate, staticSend, staticTableShape } from "./static-prior.js";

/** What senders and training ask of either prior; a receiver never does. */

/** Bits of noisy latents; adds to the parameters' gradients. */
export const rateOf = (prior: StaticPrior | ContextPrior, input: RateInput): Rate =>
  prior instanceof StaticPrior ? staticRate(prior, input) : contextRate(prior, input);

/** The shape of a table of the prior. */
export const tableShapeOf = (prior: StaticPrior | ContextPrior, table: number): TableShape =>
  prior instanceof StaticPrior ? staticTableShape(table) : contextTableShape(table);

/**
 * Goes through a grid in coding order, a stretch at a time, each with what is coded. The arithmetic is that of `receive`, so that both ends predict
 * the same tables. Stretches without a coded channel are left out.
 */
export const sendStretches = (prior: StaticPrior | ContextPrior, grid: SymbolGrid): Generator<Stretch, void, void> =>
  prior instanceof StaticPrior ? staticSend(prior, grid) : contextSend(prior, grid);
