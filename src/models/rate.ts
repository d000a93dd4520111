import type { Steps } from "../ground/steps.js";
import { type ModelConfiguration, tuneOf } from "./configuration.js";
import { contextTableShape } from "./context-prior.js";
import { contextRate } from "./context-rate.js";
import { contextSend } from "./context-send.js";
import type { Prior, PriorKind, Rate, RateInput, Stretch, SymbolGrid, TableShape } from "./prior.js";
import { staticRate, staticSend, staticTableShape } from "./static-prior.js";

/** What senders and training ask of a kind of prior; a receiver never does. */
interface PriorTraining {
  rate(prior: Prior, input: RateInput): Steps<Rate>;
  send(prior: Prior, grid: SymbolGrid): Generator<Stretch, void, void>;
  tableShape(table: number): TableShape;
}

const priorTraining: Readonly<Record<PriorKind, PriorTraining>> = {
  static: { rate: staticRate, send: staticSend, tableShape: staticTableShape },
  context: { rate: contextRate, send: contextSend, tableShape: contextTableShape },
};

/** Bits of latents; adds to the parameters' gradients. */
export const rateOf = (prior: Prior, input: RateInput): Steps<Rate> => priorTraining[prior.kind].rate(prior, input);

/** The shape of a table of the prior. */
export const tableShapeOf = ({ kind }: Prior, table: number): TableShape => priorTraining[kind].tableShape(table);

/**
 * True where a sender that does not search for symbols chooses between two of each: where squared error is what counts. SSIMULACRA 2 loses more by what is flattened than bits
 * are saved.
 */
export const choosesSymbols = (c: ModelConfiguration): boolean => c.prior.kind === "context" && tuneOf(c) === "psnr";

/**
 * Goes through a grid in coding order, a stretch at a time, each with what is coded. The arithmetic is that of `receive`, so that both ends predict
 * the same tables. Stretches without a coded channel are left out.
 */
export const sendStretches = (prior: Prior, grid: SymbolGrid): Generator<Stretch, void, void> =>
  priorTraining[prior.kind].send(prior, grid);
