import { expect } from "vitest";
import { samples } from "./harness.js";

/** A row of floats. */
export type Row = number[];

/** What the gaps between rows hold, before and after. */
export const mark = 77;

/** Rows of `width` floats, `stride` apart. */
export function laidOut(rows: readonly Row[], width: number, stride: number): Float32Array {
  const array = new Float32Array(rows.length ? (rows.length - 1) * stride + width : 0).fill(mark);
  for (const [n, row] of rows.entries()) array.set(row, n * stride);
  return array;
}

export function takenApart(array: Float32Array, width: number, stride: number): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < array.length; at += stride) {
    rows.push(Array.from(array.subarray(at, at + width)));
    expect(array.subarray(at + width, at + stride).every((value) => value === mark)).toBe(true);
  }
  return rows;
}

export const rowsOf = (count: number, width: number, seed: number): Row[] => {
  const values = samples(count * width, seed);
  return Array.from({ length: count }, (_, n) => Array.from(values.subarray(n * width, (n + 1) * width)));
};
