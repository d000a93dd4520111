import { roundHalfEven } from "./patches.js";

/** The plain twin of assembly/context.ts. Matrices are arrays of rows here. */
export type Rows = readonly (readonly number[])[];

export const gatherRows = (source: Rows, indices: readonly number[], width: number): number[][] =>
  indices.map((index) => (index < 0 ? Array(width).fill(0) : [...source[index]]));

export function addRows(input: Rows, indices: readonly number[], destination: Rows): number[][] {
  const result = destination.map((row) => [...row]);
  indices.forEach((index, n) => {
    if (index >= 0) result[index] = result[index].map((value, c) => Math.fround(value + input[n][c]));
  });
  return result;
}

export function placeRows(input: Rows, indices: readonly number[], destination: Rows): number[][] {
  const result = destination.map((row) => [...row]);
  indices.forEach((index, n) => {
    result[index] = [...input[n]];
  });
  return result;
}

export interface TableChoice {
  readonly lowest: number;
  readonly density: number;
  readonly scales: number;
  readonly fractions: number;
}

/** Every step is rounded to 32 bits, as the kernel's are. */
export function chooseTables(mean: Float32Array, logScale: Float32Array, choice: TableChoice): Uint8Array {
  const { fround } = Math;
  const { scales, fractions } = choice;
  return Uint8Array.from(mean, (value, i) => {
    const distance = fround(Math.abs(fround(value - roundHalfEven(value))));
    const fraction = Math.min(toInteger(roundHalfEven(fround(distance * 2 * fractions))), fractions);
    const position = fround(fround(logScale[i] - fround(choice.lowest)) * fround(choice.density));
    const scale = Math.min(Math.max(toInteger(roundHalfEven(position)), 0), scales - 1);
    return scale * (fractions + 1) + fraction;
  });
}

/** Rows of C means and C log scales -> means in units of symbols, and tables. */
export function predictSymbols(
  N: number,
  C: number,
  outputs: Float32Array,
  inverse: Float32Array,
  offset: Float32Array,
  choice: TableChoice,
) {
  const { fround } = Math;
  const mean = Float32Array.from({ length: N * C }, (_, i) =>
    fround(outputs[Math.floor(i / C) * 2 * C + (i % C)] * inverse[i % C]),
  );
  const logScale = Float32Array.from({ length: N * C }, (_, i) =>
    fround(fround(outputs[Math.floor(i / C) * 2 * C + C + (i % C)] * 4) + offset[i % C]),
  );
  return { mean, tables: chooseTables(mean, logScale, choice) };
}

export const centreSymbols = (symbols: Int32Array, mean: Float32Array): Int32Array =>
  symbols.map((symbol, i) => side(mean[i]) * (symbol - nearest(mean[i])));

export const restoreSymbols = (centred: Int32Array, mean: Float32Array): Int32Array =>
  centred.map((difference, i) => nearest(mean[i]) + side(mean[i]) * difference);

/** Grids of `places` cells that hold `mark` where nothing is written. */
export function completeSymbols(
  N: number,
  C: number,
  given: {
    readonly centred: Int32Array;
    readonly mean: Float32Array;
    readonly tables: Uint8Array;
    /** 32 for each table, of the centred symbols -16 .. 15; none where symbols stay where they are. */
    readonly centroids: Float32Array | undefined;
    readonly gain: Float32Array;
    readonly share: Float32Array;
    readonly coded: Int32Array;
    readonly cells: Int32Array;
    readonly first: number;
    readonly stride: number;
    readonly places: number;
    readonly mark: number;
    readonly reconstructs: boolean;
  },
) {
  const { fround } = Math;
  const { centred, mean, tables, centroids, gain, share, coded, cells, first, stride, places, mark } = given;
  const symbols = new Int32Array(places * stride).fill(mark);
  const dequantized = new Float32Array(places * stride).fill(mark);
  const reconstructed = new Float32Array(places * stride).fill(mark);
  const whole = restoreSymbols(centred, mean);
  for (let i = 0; i < N * C; i++) {
    const c = i % C;
    const at = cells[Math.floor(i / C)] * stride + first + c;
    symbols[at] = coded[c] ? whole[i] : 0;
    dequantized[at] = fround(symbols[at] * gain[c]);
    if (!given.reconstructs) continue;
    const centroid = centroids?.[32 * tables[i] + Math.max(-16, Math.min(15, centred[i])) + 16] ?? 0;
    const offset = fround(side(mean[i]) * centroid * share[c]);
    reconstructed[at] = coded[c] ? fround(fround(symbols[at] + offset) * gain[c]) : 0;
  }
  return { symbols, dequantized, reconstructed };
}

/** Mirrored where the mean lies below its nearest integer. */
const side = (mean: number): number => (mean < roundHalfEven(mean) ? -1 : 1);

const nearest = (mean: number): number => toInteger(roundHalfEven(mean));

/** To 32 bits: what is too large saturates, NaN becomes 0. */
const toInteger = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
