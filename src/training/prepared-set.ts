import { expected } from "../errors.js";
import { checkImage, type DecodedImage } from "../image/image.js";
import type { Network } from "../models/network.js";
import { Random } from "../nn/random.js";
import { checkInputs, cropDamageOf, damageImages } from "./damage.js";
import type { TrainOptions } from "./options.js";
import { corruptionOf, type TrainPlan } from "./plan.js";
import { type TrainingPlane, trainingPlanes } from "./plane-contexts.js";
import { type CropDamage, prepareImages, type TrainingImage } from "./training-set.js";

/** What a training learns from and is judged by, in the channels of its network. */
export interface PreparedSet {
  readonly images: readonly TrainingImage[];
  readonly validation: readonly TrainingImage[];
  readonly damage: CropDamage | undefined;
  readonly planes: readonly TrainingPlane[];
}

export async function prepareSet(
  { kernels, configuration }: Network,
  images: readonly DecodedImage[],
  plan: TrainPlan,
  options: TrainOptions,
): Promise<PreparedSet> {
  const { channels, restoration } = configuration;
  const validation = Array.from(options.validation ?? [], (image) => checkImage(image));
  const prepare = (inputs?: readonly DecodedImage[], validationInputs?: readonly DecodedImage[]) => ({
    images: prepareImages(images, channels, inputs),
    validation: prepareImages(validation, channels, validationInputs),
    planes: restoration ? [] : trainingPlanes(images, channels),
  });
  if (!restoration) return { ...prepare(), damage: undefined };
  if (options.inputs) {
    return {
      ...prepare(checkInputs(images, options.inputs), checkInputs(validation, options.validationInputs ?? [])),
      damage: undefined,
    };
  }
  if (options.corrupt === undefined) throw expected("the corruption of the checkpoint", "corrupt", options.corrupt);
  const corruption = corruptionOf(options.corrupt);
  if (corruption.drawn === "always") return { ...prepare(), damage: cropDamageOf(corruption) };
  const random = new Random(kernels, plan.seed);
  const damaged = await damageImages(images, corruption, random, plan.seed);
  return { ...prepare(damaged, await damageImages(validation, corruption, random, ~plan.seed)), damage: undefined };
}
