import { Codec } from "../codec/codec.js";
import { readContainer } from "../codec/stream/container.js";
import { IsthmusError } from "../ground/errors.js";
import { splitAlpha } from "../image/alpha.js";
import { fewColoursOf } from "../image/few-colours.js";
import type { DecodedImage } from "../image/image.js";
import { defaultModel } from "../models/default-model.js";
import { Model } from "../models/model.js";
import type { Breath } from "./breath.js";
import { type CheckedSource, isLazy, pixelsOf } from "./gallery.js";
import type { TrainPlan } from "./plan.js";
import { evenly, type SetFacts } from "./set-facts.js";
import type { TrainOptions } from "./train-options.js";

/** How much of a set is coded without loss whatever a network learns: images of few colours, whose planes are shorter than their latents by far. */
export interface LosslessShare {
  /** Images that go without loss, as far as those tell that were really encoded, ... */
  readonly count: number;
  /** ... among so many that were looked at. */
  readonly of: number;
}

/** Images that are looked at where each has to be decoded, ... */
const mostDecoded = 16;
/** ... and images of few colours that are really encoded, at most, ... */
const mostEncoded = 16;
/** ... the middle of each, with sides of so many pixels. */
const encodedSide = 512;
/**
 * As planes go images that are shorter so at this quality already. Latents then take about half of what they do at the usual one, and an own model gains
 * hardly more than that on the embedded one.
 */
const tellingQuality = 40;
/** From this share on, a network has nothing to learn from a set; below the other, it is not worth a word. */
const shares = { nearlyAll: 0.95, some: 0.05 };

/** Options of a training that somebody wants for the network's own sake. */
const shaping = [
  ...["minutes", "steps", "schedule", "batch", "crop", "learningRate", "lambda", "tune", "difference", "start"],
  ...["latents", "patch", "hidden", "activation", "likelihood", "beta", "warmUp", "samples", "binarize", "sparsity"],
  ...["corrupt", "inputs"],
] as readonly (keyof TrainOptions)[];

/** The facts of a set with its lossless share, where models shall code: restoring and drawing have no planes. */
export async function withLosslessShare(
  facts: SetFacts,
  sources: readonly CheckedSource[],
  { preset, corrupt, inputs, from }: TrainOptions,
  breath: Breath,
): Promise<SetFacts> {
  const codes = preset === undefined || preset === "photo" || preset === "vector";
  if (!codes || corrupt !== undefined || inputs) return facts;
  return { ...facts, lossless: await losslessShareOf(sources, from, breath) };
}

/** Encodes some images of few colours as anybody would. Throws `aborted`, and what decoding throws. */
async function losslessShareOf(
  sources: readonly CheckedSource[],
  from: Model | null | undefined,
  breath: Breath,
): Promise<LosslessShare> {
  const looked = sources.some(isLazy) ? evenly(sources, mostDecoded) : sources;
  // What was decoded is kept, as far as it will be encoded.
  const few: (() => DecodedImage)[] = [];
  for (const source of looked) {
    const pixels = await pixelsOf(source);
    const { colour, alpha } = splitAlpha(pixels);
    if (await fewColoursOf(colour, alpha, breath)) {
      few.push(isLazy(source) ? always(middleOf(pixels)) : () => middleOf(pixels));
    }
    await breath.breathe();
  }
  const isTold = few.length >= shares.some * looked.length;
  const model = isTold ? await codecOfPhotos(from) : undefined;
  if (!model) return { count: 0, of: looked.length };
  const codec = await Codec.create(model);
  const encoded = evenly(few, mostEncoded);
  let lossless = 0;
  for (const middle of encoded) {
    const stream = await codec.encode(middle(), { quality: tellingQuality });
    if (readContainer(stream).payload === "plane") lossless++;
    await breath.breathe();
  }
  return { count: Math.round((few.length * lossless) / encoded.length), of: looked.length };
}

/** Holds the image alone, and not what it was cut from. */
const always = (image: DecodedImage) => (): DecodedImage => image;

/** A model for photos of any size: the one to start from, or else the embedded one, where there is one. */
async function codecOfPhotos(from: Model | null | undefined): Promise<Model | undefined> {
  if (from && isCodecOfColour(from)) return from;
  try {
    return await defaultModel();
  } catch (error) {
    if (error instanceof IsthmusError && error.code === "model-missing") return undefined;
    throw error;
  }
}

const isCodecOfColour = ({ part, preset, channels, configuration }: Model): boolean =>
  part === "all" && preset === "photo" && channels === 3 && !configuration.restoration;

function middleOf({ data, width, height, channels }: DecodedImage): DecodedImage {
  const size = { width: Math.min(width, encodedSide), height: Math.min(height, encodedSide) };
  const [left, top] = [(width - size.width) >> 1, (height - size.height) >> 1];
  const middle = new Uint8Array(size.width * size.height * channels);
  for (let row = 0; row < size.height; row++) {
    const from = ((top + row) * width + left) * channels;
    middle.set(data.subarray(from, from + size.width * channels), row * size.width * channels);
  }
  return { ...size, data: middle, channels };
}

/** Nearly all images go without loss. */
const leavesNothing = ({ lossless }: SetFacts): boolean =>
  lossless !== undefined && lossless.count > 0 && lossless.count >= shares.nearlyAll * lossless.of;

/** True where a network has nothing to learn from a set and nobody asks for it: only what the coder of planes starts from is learnt then. */
export const mayRest = (facts: SetFacts, options: TrainOptions): boolean =>
  leavesNothing(facts) &&
  shaping.every((name) => options[name] === undefined) &&
  (options.preset ?? "photo") === "photo" &&
  (options.from === undefined || (options.from instanceof Model && isCodecOfColour(options.from)));

/** What a person should know of a set and the plan for it, in a sentence. */
export function losslessWarnings(facts: SetFacts, { peak }: TrainPlan): string[] {
  const { lossless } = facts;
  if (!lossless || lossless.count === 0 || lossless.count < shares.some * lossless.of) return [];
  const share = `${lossless.count} of ${lossless.of} images have few colours and go without loss, whatever a network learns`;
  if (!leavesNothing(facts)) return [share];
  return [
    peak === 0
      ? `${share}: only what their coder starts from is learnt, which takes seconds; with minutes or steps the network is trained all the same`
      : `${share}: a model saves on them what one saves that is trained without minutes and steps, in seconds`,
  ];
}
