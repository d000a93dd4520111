import { searchQuality } from "../../../src/codec/search/quality-search.js";

export interface Reached {
  readonly quality: number;
  /** False where no quality fits: it is then the closest one. */
  readonly fits: boolean;
}

/** What a file takes and how like the original it is: bytes, SSIMULACRA 2, decibels. */
type Measured = { readonly bytes: number; readonly score: number; readonly psnr: number };
type Kind = keyof Measured;

export type Goal = { readonly bytes: number } | { readonly score: number } | { readonly psnr: number };

/** Times that `measure` is called, about. */
export const usualSteps = 6;

/** The highest whole quality 0 .. 100 whose file fits the bytes, or the lowest that reaches the score or the PSNR. */
export async function reachGoal(goal: Goal, measure: (quality: number) => Promise<Measured>): Promise<Reached> {
  const [[kind, wanted]] = Object.entries(goal) as [Kind, number][];
  const found = await searchQuality({
    ...{ lowest: 0, highest: 100, goal: wanted, wanted: kind === "bytes" ? "atMost" : "atLeast" },
    tryAt: measure,
    valueOf: (measured) => measured[kind],
  });
  return { quality: found?.quality ?? (kind === "bytes" ? 0 : 100), fits: found !== undefined };
}
