import { expected } from "../../ground/errors.js";
import { type Corruption, checkRange } from "./corruption.js";

/**
 * White Gaussian noise of standard deviation `sigma` (of samples 0 .. 255), every sample by itself, rounded and held within 0 .. 255 like that of
 * any file. With `strongest`, each crop draws a standard deviation between the two.
 */
export function noise(sigma: number, strongest: number = sigma): Corruption {
  checkRange(sigma, 0.1, 255, "sigma of noise");
  checkRange(strongest, 0.1, 255, "strongest sigma of noise");
  if (strongest < sigma) throw expected(`at least ${sigma}`, "strongest sigma of noise", strongest);
  return {
    name: strongest > sigma ? `noise:${sigma},${strongest}` : `noise:${sigma}`,
    drawn: "always",
    apply(image, random) {
      const deviation = strongest > sigma ? sigma + (strongest - sigma) * random.uniform() : sigma;
      const normals = random.normals(image.data.length);
      const data = new Uint8Array(image.data.length);
      for (let i = 0; i < data.length; i++) {
        data[i] = Math.max(0, Math.min(255, Math.round(image.data[i] + deviation * normals[i])));
      }
      return { ...image, data };
    },
  };
}
