import { expected } from "../../ground/errors.js";
import { blur } from "./blur.js";
import type { Corruption } from "./corruption.js";
import { downscale } from "./downscale.js";
import { mask } from "./mask.js";
import { noise } from "./noise.js";

/** Makes a corruption of one or two numbers. */
export type CorruptionMaker = (first: number, second?: number) => Corruption;

/** The corruptions that need nothing but pixels. */
export const corruptions: Readonly<Record<string, CorruptionMaker>> = { noise, blur, mask, downscale };

/** A corruption by its name, as in `noise:25`. Throws `invalid-parameter` for one that is not known or out of range. */
export function parseCorruption(text: string, others?: Readonly<Record<string, CorruptionMaker>>): Corruption {
  const known = others ?? corruptions;
  if (typeof text !== "string") throw expected("the name of a corruption, such as noise:25,", "corruption", text);
  const [name, rest = ""] = text.split(/:(.*)/s);
  const numbers = rest.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const wellFormed = Object.hasOwn(known, name) && numbers.length <= 2 && numbers.every(Number.isFinite);
  if (wellFormed) return known[name](numbers[0], numbers[1]);
  throw expected(`one of ${Object.keys(known).join(", ")} with its number, as in noise:25,`, "corruption", text);
}
