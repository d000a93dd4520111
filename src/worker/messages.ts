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
export const news = ["progress", "checkpoint", "snapshot"] as const;
export type News = (typeof news)[number];

/** Options as they travel: callbacks, signals and iterables stay at home. */
type Portable<Options> = Omit<
  Options,
  "signal" | "finish" | "onProgress" | "onCheckpoint" | "onSnapshot" | "from" | "validation"
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

/** What a latent space is asked for, by name: what each returns. */
export type LatentMethod = "encode" | "decode" | "sample" | "interpolate" | "explore" | "logLikelihood";
export type LatentResult<Method extends LatentMethod> = Awaited<ReturnType<LatentSpace[Method]>>;

/** The calls that a worker answers, with what they are given and what they return. */
export interface Calls {
  /** Without bytes: the embedded model. `codec` names the codec in later calls. */
  loadCodec: {
    given: { model?: Uint8Array; parents?: readonly Uint8Array[]; limits: ModelLimits };
    returned: { codec: number; model: SentModel };
  };
  closeCodec: { given: { codec: number }; returned: undefined };
  encode: { given: { codec: number; image: PixelSource; options: Portable<EncodeOptions> }; returned: Encoding };
  decode: { given: { codec: number; bytes: Uint8Array; options: Portable<DecodeOptions> }; returned: DecodedImage };
  inspect: { given: { bytes: Uint8Array; limits: ModelLimits }; returned: Report };
  createRestorer: {
    given: { model: Uint8Array; parents?: readonly Uint8Array[]; limits: ModelLimits };
    returned: { restorer: number; model: SentModel };
  };
  closeRestorer: { given: { restorer: number }; returned: undefined };
  restore: {
    given: { restorer: number; image: PixelSource; options: Portable<RestoreOptions> };
    returned: DecodedImage;
  };
  loadLatentSpace: {
    given: { model: Uint8Array; parents?: readonly Uint8Array[]; limits: ModelLimits };
    returned: { space: number; model: SentModel; hasPrior: boolean };
  };
  closeLatentSpace: { given: { space: number }; returned: undefined };
  /** Pictures and codes apart from other values, since pictures are read first. */
  useLatentSpace: {
    given: {
      space: number;
      method: LatentMethod;
      pictures: readonly (PixelSource | LatentCode)[];
      value: unknown;
      options: object;
    };
    returned: LatentResult<LatentMethod>;
  };
  /** Trains on the images that were handed over under the same number. */
  train: {
    given: {
      options: Portable<TrainOptions>;
      from?: Uint8Array | null;
      parents?: readonly Uint8Array[];
      helpers?: readonly MessagePort[];
    };
    returned: SentModel;
  };
  /** Helps a training whose leader is behind the port, and returns when that has ended. */
  help: { given: { port: MessagePort }; returned: undefined };
}

export type CallName = keyof Calls;

/** Page to worker. `id` numbers the calls. */
export type Request =
  | { [Name in CallName]: { id: number; call: Name; given: Calls[Name]["given"]; wants: readonly News[] } }[CallName]
  /** An image for the call of that number, which follows; one at a time, so that no message takes long to copy. */
  | { readonly id: number; readonly image: PixelSource; readonly use: "training" | "validation" }
  | { readonly id: number; readonly signal: SignalName };

/** What a call may be told while it runs; `lost`: that a worker which helps it has failed. */
export const signalNames = ["abort", "finish", "lost"] as const;
export type SignalName = (typeof signalNames)[number];

/** Worker to page. Several with news may come before the one that settles the call. */
export type Answer =
  | { readonly id: number; readonly progress: number | TrainProgress }
  | { readonly id: number; readonly checkpoint: Uint8Array }
  | { readonly id: number; readonly snapshot: SentModel }
  | { readonly id: number; readonly returned: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode | undefined; readonly message: string } };

/** One end of the channel, as the code behind it needs it. */
export interface Port {
  post(answer: Answer, transfer: ArrayBuffer[]): void;
  listen(receive: (request: Request) => void): void;
}
