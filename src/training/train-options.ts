import type { Bytes } from "../ground/byte-source.js";
import type { Activation } from "../kernels/interface.js";
import type { Likelihood, Preset, Tune } from "../models/configuration.js";
import type { Model, RecordedSchedule } from "../models/model.js";
import type { Sparsity } from "../nn/sparsity.js";
import type { Corruption } from "./corruptions/corruption.js";
import type { TrainingSource } from "./gallery.js";
import type { PatchSide } from "./patch-size.js";

/** How far training has come. */
export interface TrainProgress {
  readonly phase: "start" | "train" | "finish";
  /** Of all three phases, 0 .. 1; of the time, where minutes are given. */
  readonly fraction: number;
  /** Steps done, of `steps`, which is an estimate where minutes are given. */
  readonly step: number;
  readonly steps: number;
  /** Means over the last steps, NaN before the first one: of distortion + bits a pixel, ... */
  readonly loss: number;
  /** ... of the rate, ... */
  readonly bitsPerPixel: number;
  /** ... of the squared error in dB, ... */
  readonly psnr: number;
  /** ... and of SSIMULACRA 2, where the model is tuned for it. */
  readonly ssimulacra2?: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Where linear maps start. */
export const starts = ["components", "pictures", "random"] as const;
export type Start = (typeof starts)[number];

export interface TrainOptions {
  /** Default: `vector` for grey images of one size up to 64 x 64, otherwise `photo`. */
  readonly preset?: Preset;
  /**
   * Minutes of wall time from the call to the model, above 0 and at most 43200. Default 10. Learning rate, annealing and warm-ups follow the clock, also
   * where the machine is loaded or freed on the way; time in which it sleeps is not counted. The facts of the model say how to repeat it: `schedule`.
   * Where nearly all images go without loss whatever a network learns, and nothing but images is given, the network of the start stays as it is, and only
   * what the coder of planes starts from is learnt, in seconds; `onWarning` is told.
   */
  readonly minutes?: number;
  /** Optimisation steps, instead of minutes. The same images, steps and seed give the same weights on machines of one kind. */
  readonly steps?: number;
  /** With `steps`: repeats a training by the clock, whose model's facts (`model.training`) hold both, with the same images and options. */
  readonly schedule?: RecordedSchedule;
  /** 32-bit integer. Default 0. */
  readonly seed?: number;
  /**
   * Start from a trained model's weights instead of the images' principal components; graph and preset are then taken from it. Where the
   * model knows related images, minutes of training do what hours would. Default: the embedded model for photos, unless `latents`, `start`, other
   * patches, `corrupt` or `inputs` are asked for. `null` starts from nothing.
   */
  readonly from?: Model | null;
  /**
   * About how many bytes the receiver's half may take as the difference to the model that training starts `from`, or to the one that that is a difference to (photo): 3,000 to 10^9. Default
   * 40,000, where graph, storage and tune are the same. Half of the training then makes up for what so small a difference lacks. 0: weights go where they will, and the model stands alone.
   */
  readonly difference?: number;
  /**
   * What the pictures should keep (photo): `ssimulacra2`, what people see, or `psnr`, their samples. Default `ssimulacra2`, but `psnr` where some
   * image has a side below 32 pixels, and where the model restores.
   */
  readonly tune?: Tune;
  /** Channels of the latent grid: the width of the neck. */
  readonly latents?: number;
  /** Side of the patches in pixels (photo). Default: 8, or 16 for grey images that are so smooth that it saves a fifth of the rate. */
  readonly patch?: PatchSide;
  /** Widths of the hidden layers of the analysis transform; the synthesis transform has them in reverse (vector, variational). */
  readonly hidden?: readonly number[];
  /** Of the hidden layers (vector, variational). Default hardSwish; for variational relu. */
  readonly activation?: Activation;
  /**
   * How pixels differ from their reconstruction (vector, variational): `gaussian` by squared error, `bernoulli` by binary cross-entropy, which suits
   * pictures of almost black and almost white. Default `gaussian`; `bernoulli` where the preset is variational and the images are grey.
   */
  readonly likelihood?: Likelihood;
  /** Weight of the divergence from the prior, above 0 and at most 1000 (variational). Default 1: the evidence lower bound. */
  readonly beta?: number;
  /** Share of the training, 0 to 1, over which the weight of the divergence rises from 0 to `beta` (variational). Default 0. */
  readonly warmUp?: number;
  /** Samples of the posterior that an image is weighed by, 1 to 1000 (variational): 1, the default, is a VAE, more make it importance-weighted. */
  readonly samples?: number;
  /** Draw each sample of the images black or white at every step, with its grey as the probability of white (variational). Default false. */
  readonly binarize?: boolean;
  /** Peak learning rate, above 0 and at most 1. Default 1e-3 and 7e-4 where training starts `from` a model; 4e-3 and 1.5e-3 for codecs of photos. */
  readonly learningRate?: number;
  /** Told in a sentence what one should know of a plan that will be carried out all the same. */
  readonly onWarning?: (message: string) => void;
  /** How few units of the code are active (sparse). Default: the 25 largest stay. */
  readonly sparsity?: Sparsity;
  /**
   * Where the linear maps start: at the principal components of the images, which is the default; at training pictures themselves, from their
   * mean, which is that of the preset sparse, because each unit then is the nearest to something; or at random directions.
   */
  readonly start?: Start;
  /** Learn to restore what this corruption damages, instead of coding; the text is its name, as in `noise:25`. */
  readonly corrupt?: Corruption | string;
  /** Learn to restore `images` from these damaged pictures, each of the size of the image at its place, instead of coding. */
  readonly inputs?: Iterable<TrainingSource>;
  /** Images a step. */
  readonly batch?: number;
  /** Side of the training crops in pixels (photo). */
  readonly crop?: number;
  /** Lagrange multipliers of distortion against rate at quality 0 and 100. */
  readonly lambda?: { readonly low: number; readonly high: number };
  /** Stop when the loss on held-out images has not fallen for `patience` of its (about twenty) evaluations in the second half; the best weights are kept. */
  readonly earlyStop?: { readonly patience: number };
  /** The images that `earlyStop` holds out, none of which is among those trained on. Default: every tenth of those. */
  readonly validation?: Iterable<TrainingSource>;
  /** The damaged pictures of `validation`; wanted where there are `inputs`. */
  readonly validationInputs?: Iterable<TrainingSource>;
  /**
   * Most bytes of decoded images to hold at a time, where some are decoded when they are wanted (`LazyImage`). Default 2^31. Where not all fit, crops
   * are drawn from as many as do, and the next ones take their places, one a step. Images that are given as pixels count for nothing.
   */
  readonly maxImageMemory?: number;
  /** For the model card. */
  readonly name?: string;
  readonly licence?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Ends the training early and in good order: once it is raised, `train` returns a model of what has been learnt so far. */
  readonly finish?: AbortSignal;
  /**
   * Called with a model of what has been learnt so far every `snapshotSeconds` (default 30), less often where that would take more than a tenth of
   * the time. The training goes on as it would without; the coding tables of such a model are rough.
   */
  readonly onSnapshot?: (model: Model) => void | Promise<void>;
  readonly snapshotSeconds?: number;
  /** Called with a checkpoint every `checkpointSeconds` (default 60) and once more when `signal` ends the training. */
  readonly onCheckpoint?: (bytes: Uint8Array) => void | Promise<void>;
  readonly checkpointSeconds?: number;
  /** A checkpoint to go on from. The options that shape the training are then taken from it. */
  readonly resume?: Bytes;
}
