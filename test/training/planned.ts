import type { DecodedImage } from "../../src/image/image.js";
import { Breath } from "../../src/training/breath.js";
import { type CheckedSource, prepareImage } from "../../src/training/gallery.js";
import { planTraining, type TrainPlan } from "../../src/training/plan.js";
import { factsOf } from "../../src/training/set-facts.js";
import type { TrainOptions } from "../../src/training/train-options.js";

/** The plan of a training on these images. */
export const planned = async (images: readonly CheckedSource[], options: TrainOptions = {}): Promise<TrainPlan> =>
  planTraining(await factsOf(images, new Breath()), options);

/** Pictures in the channels of a network. */
export const prepared = (images: readonly DecodedImage[], channels: 1 | 3 | 4): DecodedImage[] =>
  images.map((image) => prepareImage(image, channels));
