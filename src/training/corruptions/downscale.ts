import { enlarge, shrink } from "../../image/resize.js";
import { type Corruption, checkInteger } from "./corruption.js";

/** Pictures `factor` times smaller in either direction, means of blocks, enlarged again: what a model of super-resolution starts from. */
export function downscale(factor: number): Corruption {
  checkInteger(factor, 2, 8, "factor of downscale");
  return {
    name: `downscale:${factor}`,
    drawn: "once",
    scale: factor,
    apply: (image) => enlarge(shrink(image, factor), factor, image),
  };
}
