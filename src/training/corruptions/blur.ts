import { gaussianBlur } from "../../image/gaussian-blur.js";
import { type Corruption, checkRange } from "./corruption.js";

/** A Gaussian blur of standard deviation `sigma` in pixels. */
export function blur(sigma: number): Corruption {
  checkRange(sigma, 0.3, 20, "sigma of blur");
  return { name: `blur:${sigma}`, drawn: "once", apply: (image) => gaussianBlur(image, sigma) };
}
