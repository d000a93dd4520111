import type { Activation } from "../kernels/interface.js";
import type { Sparsity } from "../nn/sparsity.js";

export const presets = ["photo", "vector", "variational", "sparse"] as const;
export type Preset = (typeof presets)[number];

/**
 * What the numbers of the synthesis transform are. `gaussian`: samples -0.5 .. 0.5, judged by squared error. `bernoulli`: logits of samples
 * 0 .. 1, judged by binary cross-entropy.
 */
export type Likelihood = (typeof likelihoods)[number];
export const likelihoods = ["gaussian", "bernoulli"] as const;

/** Hidden structure of one transform: widths of the nonlinear branch of its projection, and blocks on the grid. */
export interface TransformConfiguration {
  /** False where the projection is its branch alone, without a linear map beside it. Absent otherwise. */
  readonly shortcut?: false;
  readonly hidden: readonly number[];
  readonly blocks: number;
  readonly blockHidden: number;
  /** Absent for residual blocks. */
  readonly blockKind?: string;
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
  /** Present where projections see colour differences at half the resolution of luma (YCbCr 4:2:0); patch and margins are even then, and there are three channels. */
  readonly chroma?: "half";
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
  /** Present where the model is tuned for SSIMULACRA 2 and not for squared error alone. */
  readonly ssimulacra2?: ScoreConfiguration;
  /**
   * The network's quality coordinates at evenly spaced qualities from 0 to 100, rising within -1 .. 1; between them they are interpolated. Equal steps of
   * quality are then about equal steps of SSIMULACRA 2. Absent where they are simply evenly spaced.
   */
  readonly qualityScale?: readonly number[];
  /**
   * The largest integers that weights are rounded to, column by column: those of residual blocks (`layers`) and of the prior (`prior`, as `layers` where absent), in
   * files and in inference, and those of the projections, in files. Training knows of it. Absent where weights were rounded after it, to 127 and 255.
   */
  readonly weightLevels?: { readonly layers: number; readonly prior?: number; readonly projections: number };
  /** Range of the Lagrange multiplier of distortion (MSE on 0..255) against rate (bits a pixel), from coordinate -1 to 1. */
  readonly lambda: { readonly low: number; readonly high: number };
  /** What holds most latents of a cell at nothing; absent where nothing does. */
  readonly sparsity?: Sparsity;
  /** Of a model that was trained to restore damaged pictures instead of coding them. */
  readonly restoration?: Restoration;
  /**
   * Coarser levels of latents beside the one that the fields above describe, each coarser than the one before it, by a whole number.
   * Present in some photo models with a context prior alone.
   */
  readonly coarser?: readonly CoarserLevel[] | undefined;
}

/** What is a coarser level's own. */
export type CoarserLevel = Pick<ModelConfiguration, "patch" | "latents" | "analysis" | "synthesis" | "prior">;

/**
 * The levels of a model: grids of latents whose pixels are added up, the finest first. Each has a configuration of its own, the model's with a patch,
 * latents, transforms and a prior of the level; margins are the same for all.
 */
export const levelsOf = (c: ModelConfiguration): readonly ModelConfiguration[] => [
  c,
  ...(c.coarser ?? []).map(({ patch, latents, analysis, synthesis, prior }) => ({
    ...c,
    ...{ patch, latents, analysis, synthesis, prior, coarser: undefined },
  })),
];

/** The patch of the coarsest level, of which all others are parts: what is trained on has sides of whole ones. */
export const coarsestPatch = (c: ModelConfiguration): ModelConfiguration["patch"] => levelsOf(c).slice(-1)[0].patch;

/** How SSIMULACRA 2 takes part in the distortion that a model is trained for, see distortion/weights.ts. */
export interface ScoreConfiguration {
  /** Its share, 0 .. 1; squared error has the rest. */
  readonly share: number;
  /** What a point of the score is worth in bits a pixel, at coordinates -1, 0 and 1. */
  readonly point: { readonly low: number; readonly middle: number; readonly high: number };
  /** What a unit of mean squared error of the means of blocks costs besides, as a multiple of lambda. Absent where it costs nothing. */
  readonly means?: number;
}

/** What a model was trained to keep: what people see, as SSIMULACRA 2 tells it, or samples, as PSNR does. */
export type Tune = (typeof tunes)[number];
export const tunes = ["ssimulacra2", "psnr"] as const;

export const tuneOf = ({ ssimulacra2 }: Pick<ModelConfiguration, "ssimulacra2">): Tune =>
  ssimulacra2 ? "ssimulacra2" : "psnr";

/** What a restoring model was trained to undo. */
export interface Restoration {
  /** The name of the corruption, such as `noise:25`, or `pairs` where the user gave the damaged pictures. */
  readonly corruption: string;
  /** How many times wider and higher than its input the restored picture is: 1 but for `downscale`. */
  readonly scale: number;
}

/** Floats of one analysis window, as its projection sees it. */
export const analysisWindow = (c: ModelConfiguration): number => windowSize(c, c.analysisMargin);

/** Floats of one synthesis window, as its projection sees it. */
export const synthesisWindow = (c: ModelConfiguration): number => windowSize(c, c.synthesisMargin);

const windowSize = (c: ModelConfiguration, margin: number): number =>
  ((c.patch.width + 2 * margin) * (c.patch.height + 2 * margin) * c.channels) / (c.chroma ? 2 : 1);

/** Of a cell. */
export const maxLatents = 4096;
