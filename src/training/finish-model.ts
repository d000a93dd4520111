import { expected, IsthmusError, throwIfAborted } from "../ground/errors.js";
import { anInteger, aSeed, aSignal, checkOptions, type OptionTable } from "../ground/option-table.js";
import { loadKernels, relaxedSimdSupported } from "../kernels/instantiate.js";
import { coarsestPatch } from "../models/configuration.js";
import { Model, roundingToStorage, type TrainingFacts } from "../models/model.js";
import { Network } from "../models/network.js";
import { Random } from "../nn/random.js";
import { Breath } from "./breath.js";
import { makeTables } from "./count-tables.js";
import {
  type CheckedSource,
  checkSource,
  Gallery,
  pixelsOf,
  prepareImage,
  type TrainingSource,
  usualImageMemory,
} from "./gallery.js";
import { qualityScaleOf } from "./quality-scale.js";
import type { Batch } from "./step.js";
import { Sampler } from "./training-set.js";

export interface FinishOptions {
  /** Crops that are counted into the coding tables, at each of their qualities, 1 to 1000. Default 24. */
  readonly crops?: number;
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const kinds: OptionTable<FinishOptions> = { crops: /* @__PURE__ */ anInteger(1, 1000), seed: aSeed, signal: aSignal };

const usualCrops = 24;
const largestCrop = 192;

/**
 * The model of photos whose weights another program has trained: rounded as its file will hold them, with coding tables counted in crops of the images and,
 * where it is tuned for SSIMULACRA 2, qualities spaced by score. `weights`: a whole model with these weights and any tables; graph, facts, and what the coder of
 * planes starts from, stay its own. The images should be those it was trained on.
 *
 * @throws IsthmusError `invalid-parameter`, `invalid-training-set`, `unsupported-engine` or `aborted`
 */
export async function finishModel(
  weights: Model,
  images: Iterable<TrainingSource>,
  options: FinishOptions = {},
): Promise<Model> {
  const { crops = usualCrops, seed = 0, signal } = checkOptions(options, kinds, "finishModel");
  const { qualityScale: _, ...configuration } = checkWeights(weights).configuration;
  if (!(Symbol.iterator in Object(images))) throw expected("an array of images", "images", images);
  const sources = Array.from(images, checkSource);
  if (sources.length === 0) {
    throw new IsthmusError("invalid-training-set", "Expected at least one image to count in but received none");
  }
  throwIfAborted(signal);
  const breath = new Breath(signal);
  const kernels = await loadKernels({ relaxed: relaxedSimdSupported() });
  const network = new Network(kernels, configuration, { training: true });
  const values = weights.weights();
  for (const parameter of network.parameters.all) network.parameters.write(parameter, values.get(parameter.name)!);
  await breath.through(roundingToStorage(network));

  const random = new Random(kernels, seed);
  const sampler = samplerOf(network, sources);
  const { tables } = await makeTables(network, sampler, random, (done) => done < crops, breath);
  const drawAt = (crop: number, coordinate: number): Promise<Batch> => {
    random.reseed(~seed, crop);
    return sampler.batch(random, [coordinate]);
  };
  const qualityScale = configuration.ssimulacra2
    ? await qualityScaleOf(network, (done) => done < crops / 2, drawAt, breath)
    : undefined;
  const finished = { ...configuration, ...(qualityScale && { qualityScale }) };
  const facts = (weights.training ?? {}) as TrainingFacts;
  return breath.through(Model.writing(network, tables, facts, weights.planeContexts, finished));
}

function checkWeights(weights: Model): Model {
  if (!(weights instanceof Model)) throw expected("a Model", "weights", weights);
  if (weights.part !== "all") throw expected("a whole model", "weights", "the receiver's half of one");
  const { preset, restoration } = weights.configuration;
  if (preset === "photo" && !restoration) return weights;
  throw expected(
    "a model of preset photo that codes",
    "weights",
    restoration ? "one that restores" : `one of ${preset}`,
  );
}

function samplerOf({ kernels, configuration }: Network, sources: readonly CheckedSource[]): Sampler {
  const { channels } = configuration;
  const { width: patch } = coarsestPatch(configuration);
  const prepare = async (index: number) => prepareImage(await pixelsOf(sources[index]), channels);
  const gallery = new Gallery(sources, prepare, usualImageMemory);
  const largestSide = sources.reduce((most, { width, height }) => Math.max(most, width, height), 0);
  const crop = Math.ceil(Math.min(largestCrop, largestSide) / patch) * patch;
  return new Sampler(kernels, configuration, gallery, { batch: 1, crop, augment: true });
}
