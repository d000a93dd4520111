import { expected, IsthmusError } from "../errors.js";
import { type Activation, activationNumber } from "../kernels/interface.js";

export const presets = ["photo", "vector", "variational"] as const;
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
  checkLatents(latents, pixels);
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
  checkLatents(latents, mostLatents);
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

const mostLatents = 4096;
/** Of samples 0 .. 1 around their reconstruction. */
const expectedVariance = 0.01;

function checkLatents(latents: number, largest: number): void {
  if (!Number.isInteger(latents) || latents < 1 || latents > Math.min(largest, mostLatents)) {
    throw expected(`integer between 1 and ${Math.min(largest, mostLatents)}`, "latents", latents);
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
  const prior = ({ prior, latents }: ModelConfiguration): boolean =>
    prior.kind === "static" ||
    (prior.kind === "context" &&
      integer(prior.hidden, 1, 65536) &&
      Array.isArray(prior.groups) &&
      prior.groups.length <= 16 &&
      prior.groups.every((channels) => integer(channels, 1, latents)) &&
      prior.groups.reduce((sum, channels) => sum + channels, 0) === latents);
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
    ["latents", () => integer(c.latents, 1, mostLatents)],
    ["activation", () => Object.hasOwn(activationNumber, c.activation)],
    ["analysis", () => transform(c.analysis)],
    ["synthesis", () => transform(c.synthesis)],
    ["prior", () => prior(c)],
    ["likelihood", () => c.likelihood === undefined || (c.fixedSize && likelihoods.includes(c.likelihood))],
    [
      "posterior",
      () =>
        c.posterior === undefined ||
        (c.posterior === "gaussian" && c.fixedSize && c.analysis.shortcut === false && c.analysis.blocks === 0),
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
