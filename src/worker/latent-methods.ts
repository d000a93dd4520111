import type { Image } from "../image/image.js";
import { type LatentCode, LatentSpace } from "../latent-space/latent-space.js";
import type { LatentMethod, LatentResult } from "./messages.js";

export const openLatentSpace = LatentSpace.create;

/** The methods of a latent space, which checks what it is given. */
export const latentMethods: {
  readonly [Method in LatentMethod]: (
    space: LatentSpace,
    pictures: readonly (Image | LatentCode)[],
    value: unknown,
    options: object,
  ) => Promise<LatentResult<Method>>;
} = {
  encode: (space, [image]) => space.encode(image as Image),
  decode: (space, codes, _, options) => space.decode(codes as LatentCode[], options),
  sample: (space, _, count, options) => space.sample(count as number, options),
  interpolate: (space, [from, to], steps, options) => space.interpolate(from, to, steps as number, options),
  explore: (space, [image], _, options) => space.explore({ ...options, ...(image && { image }) }),
  logLikelihood: (space, images, _, options) => space.logLikelihood(images as Image[], options),
};
