import { expected } from "../ground/errors.js";
import type { DecodedImage } from "../image/image.js";
import type { Network } from "../models/network.js";
import { Random } from "../nn/random.js";
import type { Breath } from "./breath.js";
import { cropDamageOf, damagedOf } from "./damage.js";
import { type CheckedSource, Gallery, isLazy, pixelsOf, prepareImage } from "./gallery.js";
import { type TrainingPlane, trainingPlanes } from "./learn-plane-contexts.js";
import { corruptionOf, type TrainPlan } from "./plan.js";
import type { TrainOptions } from "./train-options.js";
import type { CropDamage } from "./training-set.js";

/** What a training was given, checked. */
export interface GivenSet {
  readonly images: readonly CheckedSource[];
  readonly inputs: readonly CheckedSource[] | undefined;
  readonly validation: readonly CheckedSource[];
  readonly validationInputs: readonly CheckedSource[] | undefined;
}

/** What a training learns from and is judged by, in the channels of its network. */
export interface PreparedSet {
  readonly images: Gallery;
  readonly validation: Gallery;
  readonly damage: CropDamage | undefined;
  readonly planes: readonly TrainingPlane[];
}

/** What images to judge by may take, beside those that are drawn from all the while. */
const shareOfValidation = 0.125;

/** What an image is to be restored from; undefined where it is its own input. */
type InputOf = (image: DecodedImage, index: number) => Promise<DecodedImage> | undefined;

export async function prepareSet(
  { kernels, configuration }: Network,
  given: GivenSet,
  plan: TrainPlan,
  { corrupt }: TrainOptions,
  maxMemory: number,
  breath: Breath,
): Promise<PreparedSet> {
  const { channels, restoration } = configuration;
  const galleryOf = (sources: readonly CheckedSource[], inputOf: InputOf, memory: number): Gallery => {
    const prepare = async (index: number) => {
      const image = await pixelsOf(sources[index]);
      const input = await inputOf(image, index);
      const prepared = prepareImage(image, channels);
      return input ? { ...prepared, input: prepareImage(input, channels) } : prepared;
    };
    return new Gallery(sources, prepare, sources.some(isLazy) ? memory : Number.POSITIVE_INFINITY);
  };
  const galleries = (inputOf: InputOf, validationInputOf = inputOf) => ({
    images: galleryOf(given.images, inputOf, maxMemory),
    validation: galleryOf(given.validation, validationInputOf, maxMemory * shareOfValidation),
  });
  const none: InputOf = () => undefined;
  const among =
    (inputs: readonly CheckedSource[] = []): InputOf =>
    (_, index) =>
      pixelsOf(inputs[index]);
  if (!restoration) {
    return { ...galleries(none), damage: undefined, planes: await trainingPlanes(given.images, channels, breath) };
  }
  if (given.inputs) {
    return { ...galleries(among(given.inputs), among(given.validationInputs)), damage: undefined, planes: [] };
  }
  if (corrupt === undefined) throw expected("the corruption of the checkpoint", "corrupt", corrupt);
  const corruption = corruptionOf(corrupt);
  if (corruption.drawn === "always") return { ...galleries(none), damage: cropDamageOf(corruption), planes: [] };
  const random = new Random(kernels, plan.seed);
  /** One picture after the other draws from the random numbers. */
  let last: Promise<unknown> = Promise.resolve();
  const damaged =
    (seed: number): InputOf =>
    (image, index) => {
      const result = last.then(() => damagedOf(image, index, corruption, random, seed));
      last = result.catch(() => {});
      return result;
    };
  return { ...galleries(damaged(plan.seed), damaged(~plan.seed)), damage: undefined, planes: [] };
}
