import { Codec } from "./codec/codec.js";
import { createDecoder } from "./codec/create-decoder.js";
import type { Decoder } from "./codec/decoder.js";
import { Restorer } from "./codec/restorer.js";
import { LatentSpace } from "./latent-space/latent-space.js";
import type { ModelLimits, OpenOptions } from "./limits.js";
import { defaultModel } from "./models/default-model.js";
import { Model } from "./models/model.js";
import type { ReceiverModel } from "./models/receiver-model.js";

/** A codec over a model, or over the embedded photo model. */
export async function loadCodec({
  model,
  ...options
}: { model?: Model | Uint8Array } & OpenOptions = {}): Promise<Codec> {
  return Codec.create(model ?? (await defaultModel()), options);
}

/** A codec over a model. */
export const createCodec = (model: Model | Uint8Array, options?: OpenOptions): Promise<Codec> =>
  Codec.create(model, options);

/**
 * A decoder over a model, whole or a receiver's half. Where it is all that a bundle imports, the bundle holds neither encoder nor trainer, nor
 * kernels of theirs.
 */
export const loadDecoder = ({
  model,
  ...options
}: { model: ReceiverModel | Uint8Array } & OpenOptions): Promise<Decoder> => createDecoder(model, options);

/**
 * Reads and checks a model file (`.isthm`) at once, which takes as long as the file is large: about a second at the largest. Whoever opens models from
 * strangers hands their bytes to `loadCodec`, `loadDecoder` or `createRestorer`, which breathe and take a signal.
 */
export const loadModel = (bytes: Uint8Array, limits?: Pick<ModelLimits, "maxModelBytes">): Model =>
  Model.read(bytes, limits);

/** The latents of a model of pictures of one size: sampling, interpolation, exploration, likelihood. */
export const loadLatentSpace = ({
  model,
  ...options
}: { model: Model | Uint8Array } & OpenOptions): Promise<LatentSpace> => LatentSpace.create(model, options);

/** A restorer over a model that was trained with `corrupt` or `inputs`. */
export const createRestorer = (model: Model | Uint8Array, options?: OpenOptions): Promise<Restorer> =>
  Restorer.create(model, options);

export { Codec } from "./codec/codec.js";
export { Decoder } from "./codec/decoder.js";
export type { Importance, ImportanceMap, ImportantArea } from "./codec/importance.js";
export {
  inspect,
  type ModelReport,
  type PreviewModelReport,
  type StreamReport,
  streamMetadata,
} from "./codec/inspect.js";
export type { StreamMetadata } from "./codec/metadata.js";
export type { DecodeOptions, EncodeOptions } from "./codec/options.js";
export { type RestoreOptions, Restorer } from "./codec/restorer.js";
export type { Encoding } from "./codec/targets.js";
export { type ErrorCode, IsthmusError } from "./errors.js";
export { packFrames, type Sequence, type UnpackOptions, unpackFrames } from "./exchange/frames.js";
export {
  createReceiver,
  type ModelStore,
  type ReceiveOptions,
  Receiver,
  type ReceiverOptions,
  type ResolvedModel,
} from "./exchange/receiver.js";
export { createSender, type FrameOptions, Sender } from "./exchange/sender.js";
export { bdRate } from "./image/bd-rate.js";
export { type ContactSheetOptions, contactSheet } from "./image/contact-sheet.js";
export type { DecodedImage, DecodedRows, Image, ImageRows } from "./image/image.js";
export { msSsim } from "./image/ms-ssim.js";
export { psnr } from "./image/psnr.js";
export type { PixelSource } from "./image/source.js";
export { ssim } from "./image/ssim.js";
export { init, type KernelSource } from "./kernels/engine.js";
export type { InterpolationMode } from "./latent-space/interpolation.js";
export {
  type ExploreOptions,
  type LatentCode,
  LatentSpace,
  type LatentTraversal,
  type LogLikelihoodOptions,
} from "./latent-space/latent-space.js";
export type { LogLikelihood } from "./latent-space/log-likelihood.js";
export { type DiscreteMarginal, discreteMarginal } from "./latent-space/marginal.js";
export type { ModelLimits, OpenOptions } from "./limits.js";
export { ssimulacra2 } from "./metric/ssimulacra2.js";
export type { Tune } from "./models/configuration.js";
export { defaultModel } from "./models/default-model.js";
export type { TrainingFacts } from "./models/model.js";
export { ReceiverModel } from "./models/receiver-model.js";
export type { Sparsity } from "./nn/sparsity.js";
export { blur } from "./training/corruptions/blur.js";
export type { Corruption, RandomNumbers } from "./training/corruptions/corruption.js";
export { downscale } from "./training/corruptions/downscale.js";
export { mask } from "./training/corruptions/mask.js";
export { noise } from "./training/corruptions/noise.js";
export { parseCorruption } from "./training/corruptions/parse.js";
export type { TrainOptions, TrainProgress } from "./training/options.js";
export {
  type TrainedPreviewModel,
  type TrainPreviewOptions,
  type TrainPreviewProgress,
  trainPreview,
} from "./training/preview/train.js";
export { train } from "./training/train.js";
export type { WorkerLike } from "./worker/connection.js";
export type { ModelFile } from "./worker/messages.js";
export { createPool, Pool, type PoolOptions } from "./worker/pool.js";
export {
  type ModelSource,
  type RemoteCodec,
  type RemoteDecodeOptions,
  type RemoteEncodeOptions,
  RemoteIsthmus,
  type RemoteTrainOptions,
  wrap,
} from "./worker/remote.js";
export { Model };
