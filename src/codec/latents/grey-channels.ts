import type { ReceiverLevel } from "../../models/receiver-level.js";
import { blueOfCb, greenOfCb, greenOfCr, redOfCr } from "../../nn/colour-differences.js";

/** A channel carries colour alone where less than this share of the energy of its window is grey. */
const leastGreyShare = 0.1;

/**
 * 1 for each latent channel of a level of colour that a grey picture can do without: the window that the linear synthesis makes of it has
 * hardly any part that red, green and blue have in common.
 */
export function colourOnlyChannels({ configuration: c, parameters, synthesis }: ReceiverLevel): Uint8Array {
  const weights = parameters.read(synthesis.projection.linear.weight);
  const window = weights.length / c.latents;
  // Of four pixels' red, green and blue, by a sample of Cb and of Cr.
  const energyOfCb = 4 * (blueOfCb ** 2 + greenOfCb ** 2);
  const energyOfCr = 4 * (redOfCr ** 2 + greenOfCr ** 2);
  return Uint8Array.from({ length: c.latents }, (_, channel) => {
    let grey = 0;
    let all = 0;
    const own = weights.subarray(channel * window, (channel + 1) * window);
    if (c.chroma) {
      own.forEach((value, i) => {
        const isLuma = i < (2 * window) / 3;
        const isCb = i < (5 * window) / 6;
        grey += isLuma ? 3 * value ** 2 : 0;
        all += (isLuma ? 3 : isCb ? energyOfCb : energyOfCr) * value ** 2;
      });
      return grey < leastGreyShare * all ? 1 : 0;
    }
    for (let i = 0; i < window; i += 3) {
      const [red, green, blue] = own.subarray(i, i + 3);
      grey += (red + green + blue) ** 2 / 3;
      all += red ** 2 + green ** 2 + blue ** 2;
    }
    return grey < leastGreyShare * all ? 1 : 0;
  });
}
