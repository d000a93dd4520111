import { Codec } from "./codec/codec.js";
import { createDecoder } from "./codec/create-decoder.js";
import type { Decoder } from "./codec/decoder.js";
import { Restorer } from "./codec/restorer.js";
import { type ByteSource, type Bytes, type DistantBytes, withBytes } from "./ground/byte-source.js";
import { anything, checkOptions } from "./ground/option-table.js";
import { LatentSpace } from "./latent-space/latent-space.js";
import { defaultModel } from "./models/default-model.js";
import { Model } from "./models/model.js";
import type { OpenOptions } from "./models/model-source.js";
import { type ModelOptions, type ModelSource, modelKinds, modelOptions } from "./models/model-source.js";
import type { ReadLimits } from "./models/parent-among.js";

/** A codec over a model, or over the embedded photo model. */
export async function loadCodec(options: ModelOptions | ModelSource = {}): Promise<Codec> {
  const { model, ...opening } = modelOptions(options, modelKinds, "loadCodec");
  return Codec.create(model ?? (await defaultModel()), opening);
}

/** A codec over a model. */
export const createCodec = (model: ModelSource, options?: OpenOptions): Promise<Codec> => Codec.create(model, options);

/**
 * A decoder over a model, whole or a receiver's half. Where it is all that a bundle imports, the bundle holds neither encoder nor trainer, nor
 * kernels of theirs.
 */
export async function loadDecoder(
  options: (OpenOptions & { readonly model: ModelSource }) | ModelSource,
): Promise<Decoder> {
  const { model, ...opening } = modelOptions<ModelOptions>(options, modelKinds, "loadDecoder");
  return createDecoder(model!, opening);
}

/**
 * Reads and checks a model file (`.isthm`) at once, which takes as long as the file is large: about a second at the largest. A promise of the model where
 * its bytes have to be read first. Whoever opens models from strangers hands them to `loadCodec`, `loadDecoder` or `createRestorer`, which breathe and take
 * a signal. A difference needs its parent among `parents`, the embedded model too: that takes a promise to load.
 */
export function loadModel(bytes: Bytes, limits?: ReadLimits): Model;
export function loadModel(source: DistantBytes, limits?: ReadLimits): Promise<Model>;
export function loadModel(source: ByteSource, limits: ReadLimits = {}) {
  checkOptions(limits, { maxModelBytes: anything, parents: anything }, "loadModel");
  return withBytes(source, "model", (bytes) => Model.read(bytes, limits));
}

/** The latents of a model of pictures of one size: sampling, interpolation, exploration, likelihood. */
export async function loadLatentSpace(
  options: (OpenOptions & { readonly model: ModelSource }) | ModelSource,
): Promise<LatentSpace> {
  const { model, ...opening } = modelOptions<ModelOptions>(options, modelKinds, "loadLatentSpace");
  return LatentSpace.create(model!, opening);
}

/** A restorer over a model that was trained with `corrupt` or `inputs`. */
export const createRestorer = (model: ModelSource, options?: OpenOptions): Promise<Restorer> =>
  Restorer.create(model, options);

export { Codec } from "./codec/codec.js";
export type { DecodeOptions, EncodeOptions } from "./codec/codec-options.js";
export { Decoder } from "./codec/decoder.js";
export { decodingProducts } from "./codec/decoding-products.js";
export {
  inspect,
  type ModelReport,
  type PreviewModelReport,
  type Report,
  type StreamReport,
  streamMetadata,
} from "./codec/inspect.js";
export { type RestoreOptions, Restorer } from "./codec/restorer.js";
export type { Importance, ImportanceMap, ImportantArea } from "./codec/search/importance.js";
export type { Encoding } from "./codec/search/targets.js";
export { readHead, type StreamHead } from "./codec/stream/head.js";
export type { MetadataBlocks, StreamMetadata } from "./codec/stream/metadata.js";
export { Decoders } from "./exchange/decoders.js";
export { packFrames, type Sequence, type UnpackOptions, unpackFrames } from "./exchange/frames.js";
export {
  createReceiver,
  type ModelStore,
  type ReceiveOptions,
  Receiver,
  type ReceiverOptions,
  type ResolvedModel,
} from "./exchange/receiver.js";
export type {
  DroppedFrame,
  SceneEncodeOptions,
  SceneFrameReport,
  SendSceneOptions,
  SentFrame,
} from "./exchange/scene-options.js";
export {
  type ReceiveSceneOptions,
  receiveScene,
  type SceneDecodeOptions,
  type SceneImage,
  SceneReceiver,
} from "./exchange/scene-receiver.js";
export { SceneSender, sendScene } from "./exchange/scene-sender.js";
export { createSender, type FrameOptions, Sender } from "./exchange/sender.js";
export type { ByteSource, Bytes } from "./ground/byte-source.js";
export { type ErrorCode, IsthmusError } from "./ground/errors.js";
export type { ModelLimits } from "./ground/limits.js";
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
export { ssimulacra2 } from "./metric/ssimulacra2.js";
export type { Tune } from "./models/configuration.js";
export { defaultModel } from "./models/default-model.js";
export { defaultReceiver } from "./models/default-receiver.js";
export type { TrainingFacts } from "./models/model.js";
export type { ModelOptions, ModelSource, OpenOptions } from "./models/model-source.js";
export type { ReadLimits } from "./models/parent-among.js";
export { type FindParent, type ParentModels, type ParentSources, parentModels } from "./models/parents.js";
export { ReceiverModel } from "./models/receiver-model.js";
export type { Sparsity } from "./nn/sparsity.js";
export { blur } from "./training/corruptions/blur.js";
export type { Corruption, RandomNumbers } from "./training/corruptions/corruption.js";
export { downscale } from "./training/corruptions/downscale.js";
export { mask } from "./training/corruptions/mask.js";
export { noise } from "./training/corruptions/noise.js";
export { parseCorruption } from "./training/corruptions/parse.js";
export { type FinishOptions, finishModel } from "./training/finish-model.js";
export type { LazyImage, TrainingSource } from "./training/gallery.js";
export {
  type TrainedPreviewModel,
  type TrainPreviewOptions,
  type TrainPreviewProgress,
  trainPreview,
} from "./training/preview/train-preview.js";
export { train } from "./training/train.js";
export type { TrainOptions, TrainProgress } from "./training/train-options.js";
export type { WorkerLike } from "./worker/connection.js";
export type { ModelFile } from "./worker/messages.js";
export type {
  RemoteCodec,
  RemoteDecodeOptions,
  RemoteEncodeOptions,
  RemoteLatentSpace,
  RemoteRestoreOptions,
  RemoteRestorer,
} from "./worker/opened.js";
export { createPool, Pool, type PoolOptions } from "./worker/pool.js";
export { RemoteIsthmus, type RemoteTrainOptions, wrap } from "./worker/remote.js";
export { Model };
