import { type ByteSource, type Bytes, type DistantBytes, withBytes } from "../ground/byte-source.js";
import { IsthmusError } from "../ground/errors.js";
import type { ModelLimits } from "../ground/limits.js";
import { anything, checkOptions } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { finish, paced, type Steps } from "../ground/steps.js";
import { pictureFileKind } from "../image/file-kind.js";
import { checkConfiguration } from "../models/check-sender.js";
import { type Restoration, type Tune, tuneOf } from "../models/configuration.js";
import { decodeDifferenceHeader, kinshipOf } from "../models/difference.js";
import { Model, parametersOf, type TrainingFacts, trainingOf } from "../models/model.js";
import type { OpenOptions } from "../models/model-source.js";
import { checkMetadata, takeFile } from "../models/receiver-model.js";
import type { Sparsity } from "../nn/sparsity.js";
import { isPreviewModel, previewModelFacts } from "../preview/preview-model.js";
import { readContainer } from "./stream/container.js";
import { headOf, type StreamHead } from "./stream/head.js";
import type { StreamMetadata } from "./stream/metadata.js";

export interface StreamReport extends StreamHead {
  readonly kind: "stream";
  readonly bytes: number;
  readonly bitsPerPixel: number;
  /** Bytes of every field of the stream. */
  readonly sections: Readonly<Record<string, number>>;
}

export interface ModelReport {
  readonly kind: "model";
  readonly bytes: number;
  readonly id: string;
  readonly part: "all" | "receiver";
  /** The id of the model that this one is the difference to, which alone makes sure of its own id; undefined where it stands alone. */
  readonly parent: string | undefined;
  readonly preset: string;
  /** What the model was trained to keep: what people see (SSIMULACRA 2), or samples (PSNR). */
  readonly tune: Tune;
  readonly channels: number;
  readonly latents: number;
  readonly patch: { readonly width: number; readonly height: number };
  readonly parameters: number;
  /** How few units of a sparse model are active. */
  readonly sparsity: Sparsity | undefined;
  /** What the model restores; undefined where it codes. */
  readonly restoration: Restoration | undefined;
  readonly training: TrainingFacts | undefined;
}

export interface PreviewModelReport {
  readonly kind: "preview-model";
  readonly bytes: number;
  readonly id: string;
  readonly preset: "preview";
  readonly parameters: number;
  /** What its training left in its header, as text: images, steps, seed, name, licence. */
  readonly training: Readonly<Record<string, string>>;
}

const streamStart = 0xc9;

/** What `inspect` tells. */
export type Report = StreamReport | ModelReport | PreviewModelReport;

/**
 * The blocks that travel in a stream beside its pixels; undefined where there are none. A promise of them where the bytes have to be read first. Errors as
 * those of decoding.
 */
export function streamMetadata(bytes: Bytes): StreamMetadata | undefined;
export function streamMetadata(source: DistantBytes): Promise<StreamMetadata | undefined>;
export function streamMetadata(source: ByteSource) {
  return withBytes(source, "bytes", (bytes) => {
    refusePictures(bytes, "a stream");
    return readContainer(bytes).metadata;
  });
}

type InspectLimits = Pick<ModelLimits, "maxModelBytes">;

/**
 * What a stream or a model file says about itself, fully checked but not decoded; a model that is the difference to another is checked as far as it can be without that. A promise of it where the bytes have to be read first. A model is read at once,
 * which takes seconds where its tensors take the 2^26 bytes that they may, and a few kilobytes may hold as much: `maxModelBytes` is for what comes from
 * strangers. Errors as those of decoding or of reading a model.
 */
export function inspect(bytes: Bytes, limits?: InspectLimits): Report;
export function inspect(source: DistantBytes, limits?: InspectLimits): Promise<Report>;
export function inspect(source: ByteSource, limits: InspectLimits = {}) {
  checkOptions(limits, { maxModelBytes: anything }, "inspect");
  return withBytes(
    source,
    "bytes",
    (bytes) =>
      reportOfSmall(bytes) ??
      modelReport(kinshipOf(bytes) ? finish(modelFacts(bytes, limits)) : alone(Model.read(bytes, limits))),
  );
}

/** `inspect`, with breath in between, until the signal is raised. Throws `aborted`, too. */
export async function inspectSlowly(bytes: Uint8Array, options: OpenOptions): Promise<Report> {
  const small = reportOfSmall(bytes);
  if (small) return small;
  return modelReport(
    kinshipOf(bytes)
      ? await paced(modelFacts(bytes, options), new Pacer(options))
      : alone(await Model.open(bytes, options)),
  );
}

const alone = ({ bytes, id, part, configuration, training }: Model): ModelFacts => ({
  ...{ bytes, id, part, configuration, training },
  parent: undefined,
});

/** The report of all but models that code or restore, which take longer. */
function reportOfSmall(bytes: Uint8Array): Report | undefined {
  refusePictures(bytes, "a stream or a model");
  if (bytes[0] === streamStart) return inspectStream(bytes);
  return isPreviewModel(bytes) ? { kind: "preview-model", ...previewModelFacts(bytes) } : undefined;
}

/** Throws `not-isthmus` for what is a picture, and was mistaken for one that is encoded. */
export function refusePictures(bytes: Uint8Array, wanted: string): void {
  const kind = pictureFileKind(bytes);
  if (!kind) return;
  throw new IsthmusError("not-isthmus", `Expected ${wanted} of Isthmus but received ${kind}: did you mean encode?`);
}

function inspectStream(bytes: Uint8Array): StreamReport {
  const sections: Record<string, number> = {};
  const { modelId: model, ...parts } = readContainer(bytes, undefined, ({ name, length }) => {
    sections[name] = length;
  });
  const head = headOf({ ...parts, model });
  return {
    kind: "stream",
    bytes: bytes.length,
    ...head,
    bitsPerPixel: (bytes.length * 8) / (head.width * head.height),
    sections,
  };
}

/** A difference says what it is without its parent. */
function* modelFacts(given: Uint8Array, limits: InspectLimits): Steps<ModelFacts> {
  const bytes = takeFile(given, limits, true);
  const { metadata } = yield* decodeDifferenceHeader(bytes);
  const { part, configuration } = checkMetadata(metadata);
  checkConfiguration(configuration);
  return { bytes, ...kinshipOf(bytes)!, part, configuration, training: trainingOf(metadata) };
}

type ModelFacts = Pick<Model, "bytes" | "id" | "part" | "configuration" | "training"> & {
  readonly parent: string | undefined;
};

function modelReport({ bytes, id, part, parent, training, configuration }: ModelFacts): ModelReport {
  const { preset, channels, latents } = configuration;
  return {
    kind: "model",
    bytes: bytes.length,
    id,
    part,
    parent,
    preset,
    tune: tuneOf(configuration),
    channels,
    latents,
    patch: configuration.patch,
    parameters: parametersOf({ part, configuration }),
    sparsity: configuration.sparsity,
    restoration: configuration.restoration,
    training,
  };
}
