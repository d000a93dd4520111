import type { ReceiverLevel } from "../../models/receiver-level.js";

/** A channel carries colour alone where less than this share of the energy of its window is grey. */
const leastGreyShare = 0.1;

/**
 * 1 for each latent channel of a level of colour that a grey picture can do without: the window that the linear synthesis makes of it has
 * hardly any part that red, green and blue have in common.
 */
export function colourOnlyChannels({ configuration: c, parameters, synthesis }: ReceiverLevel): Uint8Array {
  const weights = parameters.read(synthesis.projection.linear.weight);
  const window = weights.length / c.latents;
  return Uint8Array.from({ length: c.latents }, (_, channel) => {
    let grey = 0;
    let all = 0;
    for (let i = channel * window; i < (channel + 1) * window; i += 3) {
      const [red, green, blue] = weights.subarray(i, i + 3);
      grey += (red + green + blue) ** 2 / 3;
      all += red ** 2 + green ** 2 + blue ** 2;
    }
    return grey < leastGreyShare * all ? 1 : 0;
  });
}
