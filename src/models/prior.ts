import type { Pointer } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";
import type { PriorConfiguration } from "./configuration.js";

/** What a rate pass in training works on; all grids have the latents' shape. */
export interface RateInput {
  /** What is coded, integers in floats: one unit is one quantization step. */
  readonly values: Grid;
  /**
   * What `values` were rounded from, where `gradient` is to be by these: that of the bits that they would take on average, were they rounded after noise uniform in
   * -1/2 .. 1/2. Without them it is the derivative of the bits at `values`.
   */
  readonly unrounded?: Grid;
  /** The rounded latents after the inverse gains, as the receiver will have them. */
  readonly dequantized: Grid;
  /** Quality of each image, -1 .. 1. */
  readonly qualities: readonly number[];
  /** Weight of each image's bits in the loss. */
  readonly weights: readonly number[];
  /** Quality of each cell of the one image, in place of its own, and what bits weigh there besides. */
  readonly places?: { readonly qualities: Float32Array<ArrayBuffer>; weightAt(q: number): number } | undefined;
  /** Filled, where given, with how many bits more each value itself would take, were it one larger or one smaller. */
  readonly steps?: { readonly up: Grid; readonly down: Grid };
  /** True where no gradient by the dequantized latents, or by parameters, is wanted. */
  readonly bitsOnly?: boolean;
}

/** Means and log standard deviations of Gaussians, one for each symbol, in quantization steps. */
export interface Distribution {
  readonly mean: Grid;
  readonly logScale: Grid;
}

/** What a rate pass in training returns. Gradients are those of the weighted bits. */
export interface Rate {
  /** Bits of each image of the batch, not weighted. */
  readonly bits: number[];
  readonly gradient: Grid;
  /** What the symbols were predicted to be; absent where that is the same everywhere. */
  readonly distribution?: Distribution;
  /** By the dequantized latents; absent where the prior does not look at them. */
  readonly contextGradient?: Grid;
}

/** A stretch of symbols in coding order: one integer and one table for each. Pointers are valid until the next stretch. */
export interface Stretch {
  readonly count: number;
  /** Table of each symbol, bytes. */
  readonly tables: Pointer;
  /** The integers that are coded, 32 bits each: a sender reads them, a receiver fills them in. */
  readonly coded: Pointer;
  /** The latent channels that the integers belong to, again and again: `channels` of them from `first` on. */
  readonly first: number;
  readonly channels: number;
}

/** The cells that are predicted, and the channels. */
export interface PredictedCells {
  readonly rows: number;
  /** Their raster indices, 32 bits each. */
  readonly indices: Pointer;
  /** `inverse`: what a dequantized latent of each channel is multiplied by to be in quantization steps. */
  readonly units: { readonly inverse: Pointer };
}
export interface PredictedChannels {
  readonly first: number;
  readonly channels: number;
}

/** `mean` and `tables` have a row of the group's channels for each cell. */
export type AdjustPrediction = (
  mean: Pointer,
  tables: Pointer,
  cells: PredictedCells,
  group: PredictedChannels,
) => void;

/** The grid of symbols (32-bit integers in place of floats) that is being coded, and what both ends know of it. */
export interface SymbolGrid {
  /** 1 x height x width x latents. */
  readonly symbols: Grid;
  /** Dequantized symbols; complete at a sender, filled in by the walk at a receiver. */
  readonly dequantized: Grid;
  /** The latents as the synthesis gets them (before its own maps): filled in by a receiver's walk. */
  readonly reconstructed?: Grid;
  /** 1 for each cell that is coded, in raster order; undefined where all are. The others' symbols are 0. */
  readonly covered: Uint8Array | undefined;
  /** Rows from here on are coded; those above are known, and only their dequantized symbols are looked at. Default 0. */
  readonly firstRow?: number;
  /** 1 for each channel that is coded; undefined where all are. The others' symbols are 0: a receiver keeps them so. */
  readonly channels?: Uint8Array | undefined;
  /** Told each prediction of a context prior before it is used: may change means (floats, in quantization steps) and tables (bytes), at both ends in the same way. */
  readonly adjust?: AdjustPrediction | undefined;
  /** What `symbols` were rounded from, where a sender may change them and what they dequantize to as it goes; only a context prior does. */
  readonly unrounded?: Grid | undefined;
  /** Quality, -1 .. 1. */
  readonly q: number;
  /** Quality of each cell in raster order, in place of `q`, where it differs from place to place. */
  readonly places?: Float32Array<ArrayBuffer> | undefined;
}

/** Where `completeSymbols` writes, from channel `first` on. */
export const targetsOf = ({ symbols, dequantized, reconstructed }: SymbolGrid, first: number) =>
  [symbols, dequantized, reconstructed].map((grid) => grid && grid.pointer + first * 4) as [Pointer, Pointer, Pointer];

/** The qualities of a grid's cells, rising: cells that could be coded at once are, one quality after another. */
export const qualitiesOf = ({ q, places }: Pick<SymbolGrid, "q" | "places">): Float32Array =>
  Float32Array.from(new Set(places ?? [q])).sort();

/** Those of some cells that have quality q. */
export const cellsOfQuality = (cells: Int32Array, q: number, { places }: Pick<SymbolGrid, "places">): Int32Array =>
  places ? cells.filter((cell) => places[cell] === q) : cells;

/** The priors that there are, by their names in configurations. */
export type PriorKind = Exclude<PriorConfiguration["kind"], "none">;

/** The entropy model: predicts the distribution of every symbol from what the receiver already knows. */
export interface Prior {
  readonly kind: PriorKind;
  /** Rows above a row of cells that its symbols are predicted from. */
  readonly contextRows: number;
  /**
   * Goes through a grid in coding order, a stretch at a time: the caller fills in `coded` before it takes the next, and the walk completes
   * symbols, dequantized and reconstructed latents. Stretches without a coded channel are left out; in others, what the caller fills in for
   * channels that are not coded does not matter.
   */
  receive(grid: SymbolGrid): Generator<Stretch, void, void>;
}

/** The probability of a coded integer that training assumes, and how far a table reaches. */
export interface TableShape {
  /** Largest magnitude with a slot of its own. */
  readonly magnitude: number;
  /** In quantization steps, -1/2 to 1/2. */
  readonly mean: number;
  /** Standard deviation in quantization steps. */
  readonly scale: number;
  /** True where a symbol and its negative are equally likely. */
  readonly symmetric: boolean;
  probability(symbol: number): number;
}
