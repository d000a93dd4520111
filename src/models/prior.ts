import type { Grid } from "../nn/grid.js";

/** What a rate pass in training returns. */
export interface Rate {
  /** Bits of each image of the batch, not weighted. */
  readonly bits: number[];
  /** Gradient of the weighted bits by the values. */
  readonly gradient: Grid;
}

/** The entropy model: predicts the distribution of every symbol, from what the receiver already knows. */
export interface Prior {
  /**
   * Bits of (noisy) values at each image's quality, times `weight` in the gradients. Adds to the parameters' gradients.
   * `values` are latents after the gains: one unit is one quantization step.
   */
  rate(values: Grid, qualities: readonly number[], weights: readonly number[]): Rate;
  /**
   * The coding table of each of `rows` positions times latents, row-major, for symbols at quality q. There are
   * `tableCount` tables; the last stands for everything wider.
   */
  tableIndex(q: number, rows: number, tableCount: number): Uint8Array;
}
