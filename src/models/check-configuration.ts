import { IsthmusError } from "../ground/errors.js";
import { activationNumber } from "../kernels/interface.js";
import {
  levelsOf,
  likelihoods,
  type ModelConfiguration,
  maxLatents,
  type TransformConfiguration,
} from "./configuration.js";
import { blockKinds } from "./layers.js";

/** Windows reach no further than over so many neighbours of their patch: what a pixel costs stays within reason. */
const mostSynthesisOverlap = 4;
const mostMargin = 256;

/** Checks what a receiver needs of a configuration that was read from a file, field by field. Throws `invalid-model`. */
export function checkReceiverConfiguration(value: unknown): ModelConfiguration {
  const c = value as ModelConfiguration;
  checkFields({
    channels: () => [1, 3, 4].includes(c.channels),
    fixedSize: () => typeof c.fixedSize === "boolean",
    patch: () =>
      isInteger(c.patch.width, 1, 4096) &&
      isInteger(c.patch.height, 1, 4096) &&
      (c.fixedSize || c.patch.width === c.patch.height),
    synthesisMargin: () => isMargin(c, c.synthesisMargin, mostSynthesisOverlap),
    chroma: () =>
      c.chroma === undefined ||
      (c.chroma === "half" &&
        c.channels === 3 &&
        !c.fixedSize &&
        c.restoration === undefined &&
        levelsOf(c).every(({ patch, synthesis }) => patch.width % 2 === 0 && synthesis.hidden.length === 0) &&
        [c.synthesisMargin, c.analysisMargin ?? 0].every((margin) => margin % 2 === 0)),
    latents: () => isInteger(c.latents, 1, maxLatents),
    activation: () => Object.hasOwn(activationNumber, c.activation),
    synthesis: () => isTransform(c.synthesis),
    prior: () => isPrior(c),
    likelihood: () => c.likelihood === undefined || (c.fixedSize && likelihoods.includes(c.likelihood)),
    weightLevels: () =>
      c.weightLevels === undefined ||
      (isInteger(c.weightLevels.layers, 1, 127) &&
        isInteger(c.weightLevels.prior ?? 1, 1, 127) &&
        isInteger(c.weightLevels.projections, 1, 32767)),
    qualityScale: () => c.qualityScale === undefined || isScale(c.qualityScale),
    restoration: () =>
      c.restoration === undefined ||
      (typeof c.restoration.corruption === "string" && isInteger(c.restoration.scale, 1, 8)),
    coarser: () => c.coarser === undefined || levelsOf(c).every(isLevel),
  });
  return c;
}

/** One of several levels: patches are multiples of those before, and one bank of tables is for all. Throws where a coarser one is invalid by itself. */
const isLevel = (c: ModelConfiguration, i: number, levels: readonly ModelConfiguration[]): boolean =>
  c.prior.kind === "context" &&
  !c.fixedSize &&
  (!i || isInteger(checkReceiverConfiguration(c).patch.width / levels[i - 1].patch.width, 2, mostMargin));

/** Throws `invalid-model` for the first field whose check fails, or meets nothing where it looks for an object. */
export function checkFields(checks: Readonly<Record<string, () => boolean>>): void {
  for (const [field, check] of Object.entries(checks)) {
    let valid = false;
    try {
      valid = check();
    } catch {
      // a missing object is as invalid as a wrong one
    }
    if (!valid) throw new IsthmusError("invalid-model", `The model's configuration has no valid "${field}"`);
  }
}

export const isInteger = (number: unknown, low: number, high: number): boolean =>
  Number.isInteger(number) && (number as number) >= low && (number as number) <= high;

/** `mostOverlap`: patches that it may reach over. */
export const isMargin = (c: ModelConfiguration, margin: number, mostOverlap: number): boolean =>
  isInteger(margin, 0, c.fixedSize ? 0 : Math.min(mostMargin, mostOverlap * c.patch.width));

export const isTransform = (t: TransformConfiguration): boolean =>
  Array.isArray(t.hidden) &&
  t.hidden.length <= 8 &&
  t.hidden.every((width) => isInteger(width, 1, 65536)) &&
  isInteger(t.blocks, 0, 64) &&
  isInteger(t.blockHidden, t.blocks ? 1 : 0, 65536) &&
  (t.blockKind === undefined || Object.hasOwn(blockKinds, t.blockKind)) &&
  (t.shortcut === undefined || t.shortcut === false);

const isScale = (scale: readonly number[]): boolean =>
  Array.isArray(scale) &&
  scale.length >= 2 &&
  scale.length <= 256 &&
  scale.every((value, i) => value >= -1 && value <= 1 && (i === 0 || value > scale[i - 1]));

const isPrior = ({ prior, latents, restoration }: ModelConfiguration): boolean =>
  (prior.kind === "none") === (restoration !== undefined) &&
  (prior.kind === "none" ||
    prior.kind === "static" ||
    (prior.kind === "context" &&
      isInteger(prior.hidden, 1, 65536) &&
      Array.isArray(prior.groups) &&
      prior.groups.length <= 16 &&
      prior.groups.every((channels) => isInteger(channels, 1, latents)) &&
      prior.groups.reduce((sum, channels) => sum + channels, 0) === latents));
