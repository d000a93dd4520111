import { expected } from "../errors.js";

export const highestLevel = 255;

/** Quality 0 .. 100 as the level that a stream stores, 0 .. 255. Throws `invalid-parameter`. */
export function levelOf(quality: number): number {
  if (typeof quality !== "number" || !(quality >= 0 && quality <= 100)) {
    throw expected("a number between 0 and 100", "quality", quality);
  }
  return Math.round((quality / 100) * highestLevel);
}

/** The quality 0 .. 100 that a level stands for. */
export const percentOfLevel = (level: number): number => (level / highestLevel) * 100;

/** The network's quality coordinate, -1 .. 1, as a 32-bit float. */
export const qualityOfLevel = (level: number): number => Math.fround((2 * level) / highestLevel - 1);
