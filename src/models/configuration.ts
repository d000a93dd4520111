import { expected, IsthmusError } from "../errors.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import { isSparsity, type Sparsity } from "../nn/sparsity.js";

export const presets = ["photo", "vector", "variational", "sparse"] as const;
export type Preset = (typeof presets)[number];

/**
 * What the numbers of the synthesis transform are. `gaussian`: samples -0.5 .. 0.5, judged by squared error. `bernoulli`: logits of samples
 * 0 .. 1, judged by binary cross-entropy.
 */
export type Likelihood = (typeof likelihoods)[number];
export const likelihoods = ["gaussian", "bernoulli"] as const;

/** Hidden structure of one transform: widths of the nonlinear branch of its projection, and residual blocks on the grid. */
export interface TransformConfiguration {
  /** False where the projection is its branch alone, without a linear map beside it. Absent otherwise. */
  readonly shortcut?: false;
  readonly hidden: readonly number[];
  readonly blocks: number;
  readonly blockHidden: number;
}

/** `static`: one distribution a channel. `context`: predicted from decoded neighbours, by groups of channels. */
export type PriorConfiguration =
  /** Of a model that restores: nothing is coded. */
  | { readonly kind: "none" }
  | { readonly kind: "static" }
  | { readonly kind: "context"; readonly hidden: number; readonly groups: readonly number[] };

/**
 * The graph of a model, as stored in its file. A picture becomes a grid of cells, one for each `patch`; the analysis
 * transform maps the window around each cell (the patch and `analysisMargin` pixels on every side) to `latents` numbers;
 * the synthesis transform maps them to windows (the patch and `synthesisMargin`) that are added up where they overlap.
 */
export interface ModelConfiguration {
  readonly preset: Preset;
  /** Samples a pixel that go through the network: 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4;
  readonly patch: { readonly width: number; readonly height: number };
  /** True where the patch is the whole picture (a grid of 1 x 1), so that only pictures of that size can be coded. */
  readonly fixedSize: boolean;
  readonly analysisMargin: number;
  readonly synthesisMargin: number;
  /** Channels of the latent grid. */
  readonly latents: number;
  readonly activation: Activation;
  readonly analysis: TransformConfiguration;
  readonly synthesis: TransformConfiguration;
  readonly prior: PriorConfiguration;
  /** Absent for "gaussian". */
  readonly likelihood?: Likelihood;
  /** Present where the analysis transform gives a normal distribution over the latents, of which codes are the mean, and N(0, 1) is its prior. */
  readonly posterior?: "gaussian";
  /** Range of the Lagrange multiplier of distortion (MSE on 0..255) against rate (bits a pixel), from quality 0 to 100. */
  readonly lambda: { readonly low: number; readonly high: number };
  /** What holds most latents of a cell at nothing; absent where nothing does. */
  readonly sparsity?: Sparsity;
  /** Of a model that was trained to restore damaged pictures instead of coding them. */
  readonly restoration?: Restoration;
}

/** What a restoring model was trained to undo. */
export interface Restoration {
  /** The name of the corruption, such as `noise:25`, or `pairs` where the user gave the damaged pictures. */
  readonly corruption: string;
  /** How many times wider and higher than its input the restored picture is: 1 but for `downscale`. */
  readonly scale: number;
}

/** Floats of one analysis window. */
export const analysisWindow = (c: ModelConfiguration): number => windowSize(c, c.analysisMargin);

/** Floats of one synthesis window. */
export const synthesisWindow = (c: ModelConfiguration): number => windowSize(c, c.synthesisMargin);

const windowSize = (c: ModelConfiguration, margin: number): number =>
  (c.patch.width + 2 * margin) * (c.patch.height + 2 * margin) * c.channels;

export function photoConfiguration(options: {
  channels: 1 | 3;
  /** Side of the patches in pixels; default 8. */
  patch?: number | undefined;
  latents?: number | undefined;
}): ModelConfiguration {
  const { patch = 8 } = options;
  const latents = options.latents ?? photoLatents(options.channels, patch);
  checkLatents(latents, patch * patch * options.channels);
  return {
    preset: "photo",
    channels: options.channels,
    patch: { width: patch, height: patch },
    fixedSize: false,
    analysisMargin: 8,
    synthesisMargin: 4,
    latents,
    activation: "hardSwish",
    analysis: { hidden: [], blocks: 5, blockHidden: 2 * latents },
    synthesis: { hidden: [], blocks: 2, blockHidden: 2 * latents },
    prior: { kind: "context", hidden: 128, groups: channelGroups(latents) },
    lambda: { low: 0.001, high: 0.1 },
  };
}

/** Of larger patches more components matter; the file stays below a megabyte. */
const photoLatents = (channels: 1 | 3, patch: number): number => {
  if (patch > 8) return 112;
  return channels === 1 ? 48 : 96;
};

/** Shares of the channels by group, in 24ths: the components that carry most come first, alone, and inform the others. */
const groupShares = [1, 3, 8, 12];

function channelGroups(latents: number): number[] {
  let shares = 0;
  let done = 0;
  return groupShares
    .map((share) => {
      shares += share;
      const channels = Math.round((latents * shares) / 24) - done;
      done += channels;
      return channels;
    })
    .filter((channels) => channels > 0);
}

/** Weights of the widest layer of the vector preset are kept below this number. */
const maxVectorWeights = 1 << 21;

export function vectorConfiguration(options: {
  channels: 1 | 3 | 4;
  width: number;
  height: number;
  latents?: number | undefined;
  hidden?: readonly number[] | undefined;
  activation?: Activation | undefined;
  likelihood?: Likelihood | undefined;
}): ModelConfiguration {
  const { channels, width, height, activation = "hardSwish", likelihood } = options;
  const pixels = width * height * channels;
  const latents = options.latents ?? Math.max(1, Math.min(64, Math.floor(pixels / 4)));
  checkLatents(latents, maxLatents);
  const widest = Math.max(latents, Math.min(512, Math.floor(maxVectorWeights / pixels / 8) * 8));
  const hidden = options.hidden ?? [widest, Math.max(latents, widest >> 1)];
  return {
    preset: "vector",
    channels,
    patch: { width, height },
    fixedSize: true,
    analysisMargin: 0,
    synthesisMargin: 0,
    latents,
    activation,
    analysis: { hidden, blocks: 0, blockHidden: 0 },
    synthesis: { hidden: [...hidden].reverse(), blocks: 0, blockHidden: 0 },
    prior: { kind: "static" },
    ...(likelihood === "bernoulli" && { likelihood }),
    // The neck limits the quality already: fine quantization of few latents would cost bytes and show in nothing.
    lambda: { low: 0.0001, high: 0.005 },
  };
}

/** Octaves by which the quantization step of a variational model is finer than a deviation of its posterior: at quality 50, and from 50 to 100. */
export const variationalSteps = { offset: 1, slope: 2 } as const;

export function variationalConfiguration(options: {
  channels: 1 | 3 | 4;
  width: number;
  height: number;
  beta: number;
  latents?: number | undefined;
  hidden?: readonly number[] | undefined;
  activation?: Activation | undefined;
  likelihood?: Likelihood | undefined;
}): ModelConfiguration {
  const { channels, width, height, beta, activation = "relu" } = options;
  const pixels = width * height * channels;
  const { latents = Math.min(20, Math.ceil(pixels / 4)), likelihood = channels === 1 ? "bernoulli" : "gaussian" } =
    options;
  checkLatents(latents, maxLatents);
  const hidden = options.hidden ?? [Math.max(8, Math.min(400, Math.floor(maxVectorWeights / pixels / 8) * 8))];
  const transform = { blocks: 0, blockHidden: 0, shortcut: false } as const;
  // What a nat of distortion and a nat of rate are worth to each other under the bound, where the step is one deviation.
  const slope = likelihood === "bernoulli" ? 2 : 1 / (2 * expectedVariance);
  const natural = (slope * channels) / (255 * 255 * beta * Math.LN2);
  const lambdaAt = (q: number): number => natural * 4 ** (variationalSteps.offset + variationalSteps.slope * q);
  return {
    preset: "variational",
    channels,
    patch: { width, height },
    fixedSize: true,
    analysisMargin: 0,
    synthesisMargin: 0,
    latents,
    activation,
    analysis: { hidden, ...transform },
    synthesis: { hidden: [...hidden].reverse(), ...transform },
    prior: { kind: "static" },
    likelihood,
    posterior: "gaussian",
    lambda: { low: lambdaAt(-1), high: lambdaAt(1) },
  };
}

/** Of samples 0 .. 1 around their reconstruction. */
const expectedVariance = 0.01;

/** Latents of a sparse model for each sample of its picture: an overcomplete code, of which few units are active at a time. */
const sparseLatentsPerSample = 1.25;

/**
 * A sparse autoencoder: one linear map into a wide code of which few units are active, and one out of it (Makhzani & Frey 2013, "k-Sparse
 * Autoencoders", section 2).
 */
export function sparseConfiguration(
  options: Parameters<typeof vectorConfiguration>[0] & { sparsity: Sparsity },
): ModelConfiguration {
  const { channels, width, height, sparsity } = options;
  const latents =
    options.latents ?? Math.min(maxLatents, Math.ceil(sparseLatentsPerSample * width * height * channels));
  if (sparsity.kind === "k" && sparsity.active > latents) {
    throw expected(`at most the ${latents} latents of the model`, "active units of sparsity", sparsity.active);
  }
  const vector = vectorConfiguration({ ...options, latents, hidden: options.hidden ?? [] });
  return { ...vector, preset: "sparse", sparsity };
}

/** Latents of a model that restores: nothing has to fit through its neck. */
const restoringLatents = { photo: { 1: 96, 3: 128 }, vector: 512 } as const;

/**
 * A model that restores pictures of any size: many thin cells instead of few rich ones, since detail must pass, and no rate. It starts at the
 * identity.
 */
export function restoringPhotoConfiguration(options: {
  channels: 1 | 3;
  latents?: number | undefined;
  restoration: Restoration;
}): ModelConfiguration {
  const { channels, restoration } = options;
  const latents = options.latents ?? restoringLatents.photo[channels];
  checkLatents(latents, maxLatents);
  const transform: TransformConfiguration = { hidden: [], blocks: 4, blockHidden: 2 * latents };
  return {
    preset: "photo",
    channels,
    patch: { width: 4, height: 4 },
    fixedSize: false,
    analysisMargin: 6,
    synthesisMargin: 4,
    latents,
    activation: "hardSwish",
    analysis: transform,
    synthesis: transform,
    ...withoutCoding,
    restoration,
  };
}

/** A model that restores small pictures of one size. */
export function restoringVectorConfiguration(
  options: Parameters<typeof vectorConfiguration>[0] & { restoration: Restoration },
): ModelConfiguration {
  const { channels, width, height, restoration } = options;
  const latents = options.latents ?? Math.min(restoringLatents.vector, width * height * channels);
  return { ...vectorConfiguration({ ...options, latents }), ...withoutCoding, restoration };
}

/** Nothing is coded, so that the squared error is weighed against nothing. */
const withoutCoding = { prior: { kind: "none" }, lambda: { low: 1, high: 1 } } as const;

export const maxLatents = 4096;

function checkLatents(latents: number, largest: number): void {
  if (!Number.isInteger(latents) || latents < 1 || latents > Math.min(largest, maxLatents)) {
    throw expected(`integer between 1 and ${Math.min(largest, maxLatents)}`, "latents", latents);
  }
}

/** Checks a configuration that was read from a file, field by field. Throws `invalid-model`. */
export function checkConfiguration(value: unknown): ModelConfiguration {
  const c = value as ModelConfiguration;
  const integer = (number: unknown, low: number, high: number): boolean =>
    Number.isInteger(number) && (number as number) >= low && (number as number) <= high;
  const transform = (t: TransformConfiguration | undefined): boolean =>
    typeof t === "object" &&
    Array.isArray(t.hidden) &&
    t.hidden.length <= 8 &&
    t.hidden.every((width) => integer(width, 1, 65536)) &&
    integer(t.blocks, 0, 64) &&
    integer(t.blockHidden, t.blocks ? 1 : 0, 65536) &&
    (t.shortcut === undefined || t.shortcut === false);
  const prior = ({ prior, latents, restoration }: ModelConfiguration): boolean =>
    (prior.kind === "none") === (restoration !== undefined) &&
    (prior.kind === "none" ||
      prior.kind === "static" ||
      (prior.kind === "context" &&
        integer(prior.hidden, 1, 65536) &&
        Array.isArray(prior.groups) &&
        prior.groups.length <= 16 &&
        prior.groups.every((channels) => integer(channels, 1, latents)) &&
        prior.groups.reduce((sum, channels) => sum + channels, 0) === latents));
  const checks: [string, () => boolean][] = [
    ["preset", () => presets.includes(c.preset)],
    ["channels", () => [1, 3, 4].includes(c.channels)],
    ["fixedSize", () => typeof c.fixedSize === "boolean"],
    [
      "patch",
      () =>
        integer(c.patch.width, 1, 4096) &&
        integer(c.patch.height, 1, 4096) &&
        (c.fixedSize || c.patch.width === c.patch.height),
    ],
    ["analysisMargin", () => integer(c.analysisMargin, 0, c.fixedSize ? 0 : 256)],
    ["synthesisMargin", () => integer(c.synthesisMargin, 0, c.fixedSize ? 0 : 256)],
    ["latents", () => integer(c.latents, 1, maxLatents)],
    ["activation", () => Object.hasOwn(activationNumber, c.activation)],
    ["analysis", () => transform(c.analysis)],
    ["synthesis", () => transform(c.synthesis)],
    ["prior", () => prior(c)],
    ["likelihood", () => c.likelihood === undefined || (c.fixedSize && likelihoods.includes(c.likelihood))],
    ["sparsity", () => c.sparsity === undefined || (c.fixedSize && isSparsity(c.sparsity, c.latents))],
    [
      "posterior",
      () =>
        c.posterior === undefined ||
        (c.posterior === "gaussian" && c.fixedSize && c.analysis.shortcut === false && c.analysis.blocks === 0),
    ],
    [
      "restoration",
      () =>
        c.restoration === undefined ||
        (typeof c.restoration.corruption === "string" && integer(c.restoration.scale, 1, 8)),
    ],
    ["lambda", () => c.lambda.low > 0 && c.lambda.high >= c.lambda.low && Number.isFinite(c.lambda.high)],
  ];
  for (const [field, check] of checks) {
    let valid = false;
    try {
      valid = check();
    } catch {
      // a missing object is as invalid as a wrong one
    }
    if (!valid) throw new IsthmusError("invalid-model", `The model's configuration has no valid "${field}"`);
  }
  return c;
}
