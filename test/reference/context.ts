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

export const centreSymbols = (symbols: Int32Array, mean: Float32Array): Int32Array =>
  symbols.map((symbol, i) => side(mean[i]) * (symbol - nearest(mean[i])));

export const restoreSymbols = (centred: Int32Array, mean: Float32Array): Int32Array =>
  centred.map((difference, i) => nearest(mean[i]) + side(mean[i]) * difference);

/** Mirrored where the mean lies below its nearest integer. */
const side = (mean: number): number => (mean < roundHalfEven(mean) ? -1 : 1);

const nearest = (mean: number): number => toInteger(roundHalfEven(mean));

/** To 32 bits: what is too large saturates, NaN becomes 0. */
const toInteger = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
