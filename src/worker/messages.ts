import type { DecodeOptions, EncodeOptions } from "../codec/codec-options.js";
import type { Report } from "../codec/inspect.js";
import type { RestoreOptions } from "../codec/restorer.js";
import type { Encoding } from "../codec/search/targets.js";
import type { ErrorCode } from "../ground/errors.js";
import type { ModelLimits } from "../ground/limits.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import type { LatentCode, LatentSpace } from "../latent-space/latent-space.js";
import type { Model } from "../models/model.js";
import type { TrainOptions, TrainProgress } from "../training/train-options.js";

/** What comes of a call before its result; a worker sends what the page listens to. */
export const news = ["progress", "warning", "checkpoint", "snapshot"] as const;
export type News = (typeof news)[number];

/** Options as they travel: callbacks, signals and iterables stay at home. */
type Portable<Options> = Omit<
  Options,
  "signal" | "finish" | "onProgress" | "onWarning" | "onCheckpoint" | "onSnapshot" | "from" | "validation"
>;

/** What a model says of itself, and its bytes, without the machinery that reads them. */
export interface ModelFile
  extends Pick<Model, "id" | "part" | "preset" | "channels" | "latents" | "parameters" | "training" | "bytes"> {
  /** The file that a receiver needs: no analysis transform, no training facts. The same id. */
  receiver(): Uint8Array;
}

/** A model file as it travels. */
export interface SentModel extends Omit<ModelFile, "receiver"> {
  readonly receiverBytes: Uint8Array;
}

/** What a worker measures between two pictures: the functions of these names. */
export type Metric = "ssimulacra2" | "psnr" | "ssim" | "msSsim";

/** A picture, or its code. */
export type Picture = PixelSource | LatentCode;

/** What a latent space is asked for, by name: what each returns. */
export type LatentMethod = "encode" | "decode" | "sample" | "interpolate" | "explore" | "logLikelihood";
export type LatentResult<Method extends LatentMethod> = Awaited<ReturnType<LatentSpace[Method]>>;

interface WithLimits {
  readonly limits: ModelLimits;
}

/** The file of a model, and those of parents that it may need. */
interface GivenModel {
  readonly model: Uint8Array;
  readonly parents?: readonly Uint8Array[];
}

/** What a worker has opened over a model: `opened` names it in later calls. */
export interface OpenedModel {
  readonly opened: number;
  readonly model: SentModel;
}

/** The calls that a worker answers, with what they are given and what they return. */
export interface Calls {
  /** Without bytes: the embedded model. */
  loadCodec: { given: Partial<GivenModel> & WithLimits; returned: OpenedModel };
  encode: { given: { opened: number; image: PixelSource; options: Portable<EncodeOptions> }; returned: Encoding };
  decode: { given: { opened: number; bytes: Uint8Array; options: Portable<DecodeOptions> }; returned: DecodedImage };
  inspect: { given: { bytes: Uint8Array } & WithLimits; returned: Report };
  /** Of an original and an image. */
  measure: { given: { metric: Metric; pictures: readonly Picture[] }; returned: number };
  createRestorer: { given: GivenModel & WithLimits; returned: OpenedModel };
  restore: {
    given: { opened: number; image: PixelSource; options: Portable<RestoreOptions> };
    returned: DecodedImage;
  };
  loadLatentSpace: { given: GivenModel & WithLimits; returned: OpenedModel & { hasPrior: boolean } };
  /** Pictures and codes apart from other values, since pictures are read first. */
  useLatentSpace: {
    given: {
      opened: number;
      method: LatentMethod;
      pictures: readonly Picture[];
      value: unknown;
      options: object;
    };
    returned: LatentResult<LatentMethod>;
  };
  close: { given: { opened: number }; returned: undefined };
  /** Trains on the images that were handed over under the same number. */
  train: {
    given: {
      options: Portable<TrainOptions>;
      from?: Uint8Array | null;
      parents?: readonly Uint8Array[];
      /** Ends of the channels to other workers of the training. */
      team?: readonly MessagePort[];
    };
    returned: SentModel;
  };
  /** Works for a training whose leader is behind the port, and returns when that has ended. */
  work: { given: { port: MessagePort }; returned: undefined };
}

export type CallName = keyof Calls;
export type OpeningCall = "loadCodec" | "createRestorer" | "loadLatentSpace";

/** Page to worker. `id` numbers the calls. */
export type Request =
  | { [Name in CallName]: { id: number; call: Name; given: Calls[Name]["given"]; wants: readonly News[] } }[CallName]
  /** An image for the call of that number, which follows; one at a time, so that no message takes long to copy. */
  | { readonly id: number; readonly image: PixelSource; readonly use: "training" | "validation" }
  | { readonly id: number; readonly signal: SignalName };

/** What a call may be told while it runs; `lost`: that a worker of its team has failed. */
export const signalNames = ["abort", "finish", "lost"] as const;
export type SignalName = (typeof signalNames)[number];

/** Worker to page. Several with news may come before the one that settles the call. */
export type Answer =
  | { readonly id: number; readonly progress: number | TrainProgress }
  | { readonly id: number; readonly warning: string }
  | { readonly id: number; readonly checkpoint: Uint8Array }
  | { readonly id: number; readonly snapshot: SentModel }
  | { readonly id: number; readonly returned: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode | undefined; readonly message: string } };

/** One end of the channel, as the code behind it needs it. */
export interface Port {
  post(answer: Answer, transfer: ArrayBuffer[]): void;
  listen(receive: (request: Request) => void): void;
}
