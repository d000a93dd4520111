import { expected } from "../../ground/errors.js";
import type { ModelConfiguration } from "../../models/configuration.js";

export const highestLevel = 255;

/** Of encoding where nobody asks for another: high, at a distance from what one can tell from the original. */
export const usualQuality = 75;

/** Quality 0 .. 100 as the level that a stream stores, 0 .. 255. Throws `invalid-parameter`. */
export function levelOf(quality: number): number {
  if (typeof quality !== "number" || !(quality >= 0 && quality <= 100)) {
    throw expected("a number between 0 and 100", "quality", quality);
  }
  return Math.round((quality / 100) * highestLevel);
}

/** The quality 0 .. 100 that a level stands for. */
export const percentOfLevel = (level: number): number => (level / highestLevel) * 100;

/** What a network takes for the quality of a level: its coordinate, -1 .. 1, as a 32-bit float. */
export function coordinateOf({ qualityScale = evenScale }: Scaled, level: number): number {
  const place = (level * (qualityScale.length - 1)) / highestLevel;
  const below = Math.min(Math.floor(place), qualityScale.length - 2);
  const [low, high] = [qualityScale[below], qualityScale[below + 1]];
  return Math.fround(low + (place - below) * (high - low));
}

type Scaled = Pick<ModelConfiguration, "qualityScale">;

const evenScale = [-1, 1];
