import { expected } from "../../ground/errors.js";
import type { DecodedImage } from "../../image/image.js";

/** A way to damage pictures, which a model learns to undo. */
export interface Corruption {
  /** What the model's file says that it restores, such as `noise:25`. */
  readonly name: string;
  /**
   * `once`: for each training image as a whole, before training. `always`: anew for each crop that is drawn; `apply` must then be synchronous.
   */
  readonly drawn: "once" | "always";
  /** How many times smaller the pictures are that come to be restored. Default 1. What `apply` returns has the size of the image all the same. */
  readonly scale?: number;
  /** A damaged picture of the same size and channels; the image itself stays as it is. The same state of `random` gives the same picture. */
  apply(image: DecodedImage, random: RandomNumbers): DecodedImage | Promise<DecodedImage>;
}

/** Seeded random numbers. */
export interface RandomNumbers {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** `count` draws from the standard normal distribution. */
  normals(count: number): Float32Array;
}

/** Throws `invalid-parameter` for a number outside of its range. */
export function checkRange(value: number, low: number, high: number, name: string): void {
  if (typeof value === "number" && value >= low && value <= high) return;
  throw expected(`a number between ${low} and ${high}`, name, value);
}

/** As `checkRange`, for whole numbers. */
export function checkInteger(value: number, low: number, high: number, name: string): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw expected(`an integer between ${low} and ${high}`, name, value);
}
