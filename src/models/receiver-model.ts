import { type Bytes, bytesIn } from "../byte-source.js";
import { hexOf } from "../bytes.js";
import { IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { limitOf, type ModelLimits, type OpenOptions } from "../limits.js";
import { Pacer } from "../pacer.js";
import { paced, type Steps } from "../steps.js";
import { checkReceiverConfiguration } from "./check-configuration.js";
import { decodeFile, isCoded } from "./coded-file.js";
import type { ModelConfiguration } from "./configuration.js";
import { type ExpectedTensor, planning, receiverTensors } from "./expected-tensors.js";
import { type PlaneContexts, planeTensorNames, readPlaneContexts } from "./plane-contexts.js";
import { type ReceiverNetwork, receiverNetwork } from "./receiver-network.js";
import {
  readSafetensors,
  type Safetensors,
  safetensorsPieces,
  type Tensor,
  type TensorType,
  writeSafetensors,
} from "./safetensors.js";
import { sha256Steps } from "./sha256.js";
import { storedNames, storedParts, storedVector } from "./storage.js";
import { checkTables, type TableBank, tableLimits } from "./tables.js";

/** The limit that holds for whoever reads a model file. */
type FileLimits = Pick<ModelLimits, "maxModelBytes">;

export const modelFormat = "isthmus-model";
export const modelVersion = "0";
/** Of a model that restores. */
const noTables: TableBank = { minimum: new Int32Array(0), size: new Int32Array(0), frequencies: new Uint16Array(0) };
export const tableTensors = { minimum: "tables.minimum", size: "tables.size", frequencies: "tables.frequencies" };

/** What a model file holds, its weights still unchecked. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly part: "all" | "receiver";
  readonly configuration: ModelConfiguration;
  readonly tables: TableBank;
  /** What the contexts of the plane coder start from; undefined where no training image had planes. */
  readonly planeContexts: PlaneContexts | undefined;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What a receiver takes from a model file, whole or a receiver's half: enough to decode, and nothing of how to encode or train. `Model` is the
 * rest.
 */
export class ReceiverModel {
  /** First 8 bytes of the SHA-256 of the receiver's file, as 16 hexadecimal digits: what streams name their model by. */
  readonly id: string;
  readonly part: ModelFile["part"];
  readonly configuration: ModelConfiguration;

  protected constructor(
    protected readonly file: ModelFile,
    digest: Uint8Array,
  ) {
    this.part = file.part;
    this.configuration = file.configuration;
    this.id = hexOf(digest.subarray(0, 8));
  }

  /**
   * Reads a model file of at most `maxModelBytes` and checks what a receiver needs of it. `isOwn`: nobody changes the bytes meanwhile or later, and no copy is made. Throws `invalid-parameter`, `not-isthmus`, `truncated`, `corrupt`,
   * `unsupported-version`, `invalid-model`, `aborted`, or `model-unsuited` for a model that restores.
   */
  static open(bytes: Bytes, options: OpenOptions = {}, isOwn = false): Promise<ReceiverModel> {
    return paced(ReceiverModel.reading(bytes, options, isOwn), new Pacer(options));
  }

  /** The steps of `open`. */
  protected static *reading(bytes: Bytes, limits: FileLimits, isOwn = false): Steps<ReceiverModel> {
    const file = yield* readModelFile(bytes, limits, isOwn);
    refuseRestoring(file.configuration);
    yield* checkTensors(file, receiverTensors(file.configuration), file.part === "all");
    return new ReceiverModel(file, yield* digestOf(file, receiverTensors(file.configuration)));
  }

  /** The file. */
  get bytes(): Uint8Array {
    return this.file.bytes;
  }

  get tables(): TableBank {
    return this.file.tables;
  }

  /** What the contexts of the plane coder start from; undefined where no training image had planes. */
  get planeContexts(): PlaneContexts | undefined {
    return this.file.planeContexts;
  }

  get preset(): ModelConfiguration["preset"] {
    return this.configuration.preset;
  }

  get channels(): ModelConfiguration["channels"] {
    return this.configuration.channels;
  }

  get latents(): number {
    return this.configuration.latents;
  }

  /** The file that a receiver needs: no analysis transform (unless the model restores), no training facts. The same id. */
  receiver(): Uint8Array {
    const { bytes, part } = this.file;
    return part === "receiver" ? bytes : writeSafetensors(receiverFile(this.file, receiverTensors(this.configuration)));
  }

  /** Steps to the receiver's network with this model's weights, over a kernel instance; `differentiable`: for gradients by its inputs. */
  *receiverNetwork(kernels: Kernels, differentiable = false): Steps<ReceiverNetwork> {
    const network = receiverNetwork(kernels, this.configuration, differentiable);
    yield* loadWeights(network, this.file.tensors);
    return network;
  }
}

/** The digest of a model's receiver's file, whose beginning names the model: of that file as this library would write it, however it was written. */
export const digestOf = (file: ModelFile, weights: readonly ExpectedTensor[]): Steps<Uint8Array> =>
  sha256Steps(safetensorsPieces(receiverFile(file, weights)));

/** A receiver's file with these weights. */
export function receiverFile({ tensors, configuration }: ModelFile, weights: readonly ExpectedTensor[]): Safetensors {
  const kept = new Set([
    ...weights.flatMap(({ name }) => storedNames(name, tensors)),
    ...Object.values(tableTensors),
    ...planeTensorNames,
  ]);
  return {
    tensors: new Map([...tensors].filter(([name]) => kept.has(name))),
    metadata: {
      format: modelFormat,
      version: modelVersion,
      part: "receiver",
      configuration: JSON.stringify(configuration),
    },
  };
}

/** Throws `model-unsuited` for a model that restores pictures. */
export function refuseRestoring({ restoration }: ModelConfiguration): void {
  if (!restoration) return;
  throw new IsthmusError(
    "model-unsuited",
    `Expected a model that codes pictures but received one that restores them (${restoration.corruption})`,
  );
}

/** Takes a model file apart, or a copy of it unless it `isOwn`, and checks all of it but the weights. */
export function* readModelFile(given: Bytes, { maxModelBytes }: FileLimits, isOwn: boolean): Steps<ModelFile> {
  const file = bytesIn(given, "model");
  const most = limitOf("maxModelBytes", maxModelBytes);
  if (file.length > most) {
    throw new IsthmusError("invalid-model", `Expected at most ${most} bytes for a model but received ${file.length}`);
  }
  // A copy, since the tensors stay views (and the `slice` of Node's Buffer would copy nothing).
  const bytes = isOwn ? file : new Uint8Array(file);
  yield;
  const { tensors, metadata } = isCoded(bytes) ? yield* decodeFile(bytes, most) : readSafetensors(bytes);
  yield;
  const { format, version, part } = metadata;
  if (format !== modelFormat) {
    throw new IsthmusError("not-isthmus", "This safetensors file does not hold an Isthmus model");
  }
  if (version !== modelVersion) {
    throw new IsthmusError("unsupported-version", `Expected model version ${modelVersion} but received ${version}`);
  }
  if (part !== "all" && part !== "receiver") {
    throw new IsthmusError("invalid-model", `Expected part "all" or "receiver" but received "${part}"`);
  }
  const configuration = checkReceiverConfiguration(parseMetadata(metadata.configuration, "configuration"));
  const tables = configuration.prior.kind === "none" ? noTables : readTables(tensors, configuration);
  return { bytes, part, configuration, tables, planeContexts: readPlaneContexts(tensors), tensors, metadata };
}

/** Throws `invalid-model` unless the file holds these weights, and, without `mayHoldMore`, none but these. */
export function* checkTensors(
  { tensors, configuration, planeContexts }: ModelFile,
  wanted: readonly ExpectedTensor[],
  mayHoldMore = false,
): Steps<void> {
  for (const tensor of wanted) {
    for (const { values } of storedParts(tensor, tensors)) {
      if (!values.every(Number.isFinite)) {
        throw new IsthmusError("invalid-model", `The tensor "${tensor.name}" holds a number that is not finite`);
      }
      yield;
    }
  }
  if (mayHoldMore) return;
  const weights = wanted.flatMap(({ name }) => storedNames(name, tensors));
  const codes = configuration.prior.kind !== "none";
  const others = (codes ? Object.keys(tableTensors).length : 0) + (planeContexts ? planeTensorNames.length : 0);
  if (tensors.size !== weights.length + others) {
    throw new IsthmusError("invalid-model", "The model holds tensors that its configuration does not name");
  }
}

/** Fills a network with weights and prepares it. */
export function* loadWeights(network: ReceiverNetwork, tensors: ReadonlyMap<string, Tensor>): Steps<void> {
  const { parameters, kernels } = network;
  for (const parameter of parameters.all) {
    for (const { from, values } of storedParts(parameter, tensors)) {
      kernels.memory.f32(parameter.value + 4 * from, values.length).set(values);
      yield;
    }
  }
  for (const layer of parameters.packed) {
    if (layer.packing) yield* layer.packing();
    else layer.prepare();
  }
}

function readTables(tensors: ReadonlyMap<string, Tensor>, configuration: ModelConfiguration): TableBank {
  const { tableCount } = receiverNetwork(planning, configuration).prior;
  const vector = (name: keyof TableBank, dtype: TensorType, most: number, least?: number) =>
    storedVector(tableTensors[name], dtype, tensors, most, least);
  const bank: TableBank = {
    minimum: new Int32Array(vector("minimum", "I32", tableCount, tableCount)),
    size: new Int32Array(vector("size", "I32", tableCount, tableCount)),
    frequencies: new Uint16Array(vector("frequencies", "U16", tableCount * (tableLimits.maxSize + 1))),
  };
  checkTables(bank);
  return bank;
}

/** Throws `invalid-model` where the text of a field of the metadata is no JSON, or too deep to be written again. */
export function parseMetadata(text: string | undefined, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text ?? "");
    JSON.stringify(value);
    return value;
  } catch (cause) {
    throw new IsthmusError("invalid-model", `The model's ${what} is not valid JSON`, { cause });
  }
}
