import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Codec } from "../codec/codec.js";
import { type EncodeOptions, encodeKinds } from "../codec/codec-options.js";
import { usualQuality } from "../codec/latents/quality.js";
import type { Importance } from "../codec/search/importance.js";
import type { Encoding } from "../codec/search/targets.js";
import { expected, throwIfAborted } from "../ground/errors.js";
import { anything, aText, checkOptions, type OptionTable } from "../ground/option-table.js";
import { defaultModel } from "../models/default-model.js";
import { Model } from "../models/model.js";
import { type ModelSource, readModel } from "../models/model-source.js";
import { isSameFile, unwritable } from "./files.js";
import { type MetadataKind, metadataKinds, readImageMetadata } from "./image-metadata.js";
import { type JobOrigin, madeBefore, sha256Of, writeRecord } from "./job-record.js";
import { encodeOpened, openPicture } from "./open-picture.js";
import { writeBytes } from "./output-file.js";
import { removeOldPartials } from "./partial-files.js";
import { readBytes } from "./read-bytes.js";

/** One picture of a batch. All but `signal`, `onProgress` and models in memory can be written as JSON, for queues. */
export interface EncodeJob extends Omit<EncodeOptions, "bare" | "metadata" | "importance"> {
  /** Path of an image file. */
  readonly in: string;
  /** Path of the stream; its folders are made. A record of what it was made from lies beside it, as `out` with `.json` at its end. */
  readonly out: string;
  /** Path of a whole model (which stands alone, or is a difference to the embedded one), or the model itself. Default: the embedded photo model. */
  readonly model?: string | ModelSource | undefined;
  readonly importance?: Importance | undefined;
  /** Blocks of the file that travel along: `icc`, `exif`, `xmp`. Default none. */
  readonly metadata?: readonly MetadataKind[] | undefined;
}

export interface EncodedJob {
  readonly out: string;
  /** False where the stream was there already, made from the same bytes with the same model and settings. */
  readonly made: boolean;
  /** Length of the stream. */
  readonly bytes: number;
  /** SHA-256 of the image file, of the model's file and of the stream, in hexadecimal. */
  readonly source: string;
  readonly model: string;
  readonly stream: string;
}

const { bare: _, ...streamKinds } = encodeKinds;
const kinds: OptionTable<EncodeJob> = { ...streamKinds, in: aText, out: aText, model: anything, metadata: anything };

/**
 * Encodes an image file into a stream file, once: where `out` was made from the same bytes, with the same model and settings, it is left as it is. A file
 * appears whole or not at all, so that a job may be killed at any time, done again, and done twice at once: the result is the same, and that of `codec.encode`.
 * Throws as `readImage`, `Codec.encode` and `openModel`, and `output-unwritable`.
 */
export async function encodeJob(job: EncodeJob): Promise<EncodedJob> {
  const { in: input, out, signal } = checkJob(job);
  throwIfAborted(signal);
  if (await isSameFile(input, out)) throw expected("another file than that of in", "out", out);
  const source = await readBytes(input, { signal });
  const model = await openModelOnce(job.model, signal);
  const origin: JobOrigin = { source: sha256Of(source), model: model.digest, settings: settingsOf(job) };
  const before = await madeBefore(out, origin);
  const stream = before ?? (await encode(source, await model.codec(), job));
  if (!before) {
    await makeFolder(dirname(out));
    await writeBytes(out, stream, { signal });
    await writeRecord(out, origin, stream);
  }
  job.onProgress?.(1);
  const digests = { source: origin.source, model: origin.model, stream: sha256Of(stream) };
  return { out, made: !before, bytes: stream.length, ...digests };
}

function checkJob(job: EncodeJob): EncodeJob {
  checkOptions(job, kinds, "encodeJob");
  for (const name of ["in", "out"] as const) {
    if (typeof job[name] !== "string" || job[name] === "") throw expected("a path", name, job[name]);
  }
  const { metadata = [] } = job;
  if (!Array.isArray(metadata) || metadata.some((kind) => !metadataKinds.includes(kind))) {
    throw expected(`a list of ${metadataKinds.join(", ")}`, "metadata", metadata);
  }
  return job;
}

/** What shapes the stream, in one order, with what is usual where nothing is said. */
function settingsOf(job: EncodeJob): object {
  const { targetBytes, targetPsnr, targetScore, quality = usualQuality, effort = 0, alphaQuality = 100 } = job;
  const targets = { targetBytes, targetPsnr, targetScore };
  const isSearched = Object.values(targets).some((target) => target !== undefined);
  const { importance, metadata = [] } = job;
  const blocks = metadataKinds.filter((kind) => metadata.includes(kind));
  return { ...(isSearched ? targets : { quality }), effort, alphaQuality, importance, metadata: blocks };
}

async function encode(source: Uint8Array, codec: Codec, job: EncodeJob): Promise<Uint8Array> {
  const { in: name, out: _out, model: _model, metadata: kinds = [], ...settings } = job;
  const { maxPixels, signal } = job;
  const metadata =
    kinds.length > 0 ? await readImageMetadata(source, { kinds, name, ...(signal && { signal }) }) : undefined;
  const reading = { name, maxPixels, signal, keepProfile: kinds.includes("icc") };
  const whole = [job.targetBytes, job.targetPsnr, job.targetScore].some((target) => target !== undefined);
  const image = await openPicture(source, { ...reading, whole });
  const options: EncodeOptions = { ...settings, ...(metadata && { metadata }) };
  const encoding: Encoding =
    "data" in image ? await codec.encodeOwn(image, options) : await encodeOpened(codec, image, options);
  return encoding.bytes;
}

interface OpenedModel {
  readonly digest: string;
  codec(): Promise<Codec>;
}

/** Codecs of the models that were used last, by the digests of their files: a process has as many jobs as there are pictures, and few models. */
const codecs = new Map<string, Promise<Codec>>();
const mostCodecs = 2;

async function openModelOnce(model: EncodeJob["model"], signal: AbortSignal | undefined): Promise<OpenedModel> {
  const bytes =
    model === undefined
      ? (await defaultModel()).bytes
      : typeof model === "string"
        ? await readBytes(model, { signal })
        : await readModel(model);
  const digest = sha256Of(bytes);
  // A model that is open has its parents, which its bytes alone may lack.
  return { digest, codec: () => codecOf(digest, model instanceof Model ? model : bytes) };
}

function codecOf(digest: string, model: Model | Uint8Array): Promise<Codec> {
  const codec = codecs.get(digest) ?? Codec.create(model);
  codecs.delete(digest);
  codecs.set(digest, codec);
  codec.catch(() => codecs.delete(digest));
  for (const oldest of [...codecs.keys()].slice(0, -mostCodecs)) codecs.delete(oldest);
  return codec;
}

/** Folders that this process has made, and looked for what others left half written in. */
const folders = new Set<string>();
const mostFolders = 10_000;

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw unwritable(folder, cause);
  });
  const whole = resolve(folder);
  if (folders.has(whole)) return;
  if (folders.size === mostFolders) folders.clear();
  folders.add(whole);
  await removeOldPartials(folder).catch(() => {});
}
