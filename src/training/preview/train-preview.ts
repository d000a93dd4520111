import { expected, IsthmusError } from "../../ground/errors.js";
import {
  aFunction,
  aNumber,
  aSeed,
  aSignal,
  aText,
  checkOptions,
  type OptionTable,
} from "../../ground/option-table.js";
import type { Image } from "../../image/image.js";
import { loadKernels } from "../../kernels/instantiate.js";
import { Random } from "../../nn/random.js";
import { loadPreviewModel, writePreviewModel } from "../../preview/preview-model.js";
import type { PreviewModel } from "../../preview/preview-network.js";
import { fitPreview } from "./fit.js";
import { randomSample, type Sample, shrink, wholeSample } from "./samples.js";

export interface TrainPreviewProgress {
  /** Optimisation steps done, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Mean bits of the symbols of a preview in this round, as the prior predicts them. */
  readonly bits: number;
}

export interface TrainPreviewOptions {
  /** Optimisation steps of 64 previews each. Default 1200, some minutes on one core. */
  readonly steps?: number;
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  /** For `isthmus info`. */
  readonly name?: string;
  readonly licence?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainPreviewProgress) => void;
}

/** A trained model, ready for use, and the bytes of its file. */
export interface TrainedPreviewModel extends PreviewModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const kinds: OptionTable<TrainPreviewOptions> = {
  steps: aNumber,
  seed: aSeed,
  name: aText,
  licence: aText,
  signal: aSignal,
  onProgress: aFunction,
};
const usualSteps = 1200;
const fewestImages = 2;
const mostSamples = 5000;
const mostCrops = 24;
/** Examples are encoded anew, with the networks as they have become, so many times. */
const rounds = 3;
/** Hidden units: of more, previews gain little and the embedded model grows. */
export const previewWidths = { priorHidden: 16, synthesisHidden: 24 };

/**
 * Trains a model of previews on images of one's own kind, of any sizes. The same images, steps and seed give the same model on machines of one kind.
 *
 * @throws IsthmusError `invalid-training-set` for fewer than two images, `invalid-parameter`, `training-diverged`, `aborted`.
 */
export async function trainPreview(
  images: Iterable<Image>,
  options: TrainPreviewOptions = {},
): Promise<TrainedPreviewModel> {
  checkOptions(options, kinds, "trainPreview");
  const { steps = usualSteps, seed = 0, name, licence, signal } = options;
  if (!Number.isInteger(steps) || steps < 1 || steps > 1e7)
    throw expected("integer between 1 and 10000000", "steps", steps);
  if (!(Symbol.iterator in Object(images))) throw expected("an array of images", "images", images);
  const list = [...images];
  if (list.length < fewestImages) {
    const message = `Expected at least ${fewestImages} images for training but received ${list.length}`;
    throw new IsthmusError("invalid-training-set", message);
  }
  const kernels = await loadKernels();
  const wanted = Math.min(mostSamples, Math.max(list.length, 8 * steps));
  const crops = Math.max(1, Math.min(mostCrops, Math.floor(wanted / list.length)));
  const samples = samplesOf(list, crops, new Random(kernels, seed));
  const weights = await fitPreview(kernels, samples, {
    ...previewWidths,
    rounds,
    steps,
    seed,
    signal,
    onProgress: options.onProgress,
  });
  const facts = {
    images: String(list.length),
    steps: String(steps),
    seed: String(seed),
    ...(name && { name }),
    ...(licence && { licence }),
  };
  const bytes = writePreviewModel(weights, facts);
  return { ...loadPreviewModel(bytes), bytes };
}

/** Each image whole, and cut and mirrored at random until there are `crops` of it. */
export function samplesOf(images: readonly Image[], crops: number, random: Random): Sample[] {
  return images.flatMap((image) => {
    const small = shrink(image);
    return Array.from({ length: crops }, (_, i) => (i === 0 ? wholeSample(small) : randomSample(small, random)));
  });
}
