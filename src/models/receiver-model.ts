import { type Bytes, bytesIn } from "../ground/byte-source.js";
import { hexOf } from "../ground/bytes.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { limitOf, type ModelLimits } from "../ground/limits.js";
import { Pacer } from "../ground/pacer.js";
import {
  invalid,
  readSafetensors,
  type Safetensors,
  safetensorsPieces,
  type Tensor,
  type TensorType,
  writeSafetensors,
} from "../ground/safetensors.js";
import { paced, type Steps } from "../ground/steps.js";
import type { Kernels } from "../kernels/kernels.js";
import { Parameters, type TrainedTensor } from "../nn/parameters.js";
import { checkReceiverConfiguration } from "./check-configuration.js";
import { decodeFile, isCoded, isDifference } from "./coded-file.js";
import { levelsOf, type ModelConfiguration } from "./configuration.js";
import type { Part } from "./difference.js";
import type { Opening, Relation } from "./parents.js";
import { type PlaneContexts, planeTensorNames, readPlaneContexts } from "./plane-contexts.js";
import { receiverParts } from "./receiver-level.js";
import { type ReceiverNetwork, receiverNetwork, receiverTensors } from "./receiver-network.js";
import { sha256Steps } from "./sha256.js";
import { storedNames, storedParts, storedVector } from "./storage.js";
import { checkTables, maxSize, type TableBank } from "./tables.js";

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
  /** What the file is the difference to; undefined where it stands alone. */
  readonly parent: ReceiverModel | undefined;
  readonly part: Part;
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
   * `unsupported-version`, `invalid-model`, `aborted`, `model-unsuited` for a model that restores, or `model-missing` or `model-mismatch` for one whose parent is not at hand.
   */
  static async open(bytes: Bytes, options: Opening = {}, isOwn = false): Promise<ReceiverModel> {
    const file = takeFile(bytes, options, isOwn);
    // Bundles that only decode hold what reads differences where they ask for it.
    const { parents } = options;
    const differs = isDifference(file);
    if (differs && !parents) throw expected("parentModels(), for a model that is a difference,", "parents", parents);
    const relation = differs ? await parents?.relationOf(file, options, ReceiverModel.open) : undefined;
    return paced(ReceiverModel.reading(file, options, relation), new Pacer(options));
  }

  /** The steps of `open`, of bytes that are nobody else's. */
  protected static *reading(bytes: Uint8Array, limits: FileLimits, relation?: Relation): Steps<ReceiverModel> {
    const file = yield* readModelFile(bytes, limits, relation);
    refuseRestoring(file.configuration);
    yield* checkTensors(file, receiverTensors(file.configuration), file.part === "all");
    const model = new ReceiverModel(file, yield* digestOf(file, receiverTensors(file.configuration)));
    return relation ? relation.checked(model) : model;
  }

  /** The file, which needs its parent where it is a difference. */
  get bytes(): Uint8Array {
    return this.file.bytes;
  }

  /** The model that the file is the difference to; undefined where it stands alone. */
  get parent(): ReceiverModel | undefined {
    return this.file.parent;
  }

  /** The tensors of a part of the model. @internal */
  tensorsOf(part: Part): ReadonlyMap<string, Tensor> {
    return (part === this.part ? this.file : this.half).tensors;
  }

  /** @internal */
  get tables(): TableBank {
    return this.file.tables;
  }

  /** What the contexts of the plane coder start from; undefined where no training image had planes. @internal */
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
    return part === "receiver" ? bytes : writeSafetensors(this.half);
  }

  private get half(): Safetensors {
    return receiverFile(this.file, receiverTensors(this.configuration));
  }

  /** Steps to the receiver's network with this model's weights, over a kernel instance, or in a store of parameters for gradients by its inputs. @internal */
  *receiverNetwork(kernels: Kernels, parameters = new Parameters(kernels)): Steps<ReceiverNetwork> {
    const network = receiverNetwork(parameters, this.configuration);
    yield* loadWeights(network, this.file.tensors);
    return network;
  }
}

/** The digest of a model's receiver's file, whose beginning names the model: of that file as this library would write it, however it was written. */
export const digestOf = (file: ModelFile, weights: readonly TrainedTensor[]): Steps<Uint8Array> =>
  sha256Steps(safetensorsPieces(receiverFile(file, weights)));

/** A receiver's file with these weights. */
export function receiverFile({ tensors, configuration }: ModelFile, weights: readonly TrainedTensor[]): Safetensors {
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

/** The bytes of a model file, or a copy of them unless they are our own. Throws `invalid-parameter`, or `invalid-model` for more than `maxModelBytes`. */
export function takeFile(given: Bytes, { maxModelBytes }: FileLimits, isOwn: boolean): Uint8Array {
  const file = bytesIn(given, "model");
  const most = limitOf("maxModelBytes", maxModelBytes);
  if (file.length > most) throw invalid(`at most ${most} bytes for a model`, file.length);
  // A copy, since the tensors stay views (and the `slice` of Node's Buffer would copy nothing).
  return isOwn ? file : new Uint8Array(file);
}

/** Takes a model file apart and checks all of it but the weights. */
export function* readModelFile(
  bytes: Uint8Array,
  { maxModelBytes }: FileLimits,
  relation: Relation | undefined,
): Steps<ModelFile> {
  yield;
  const most = limitOf("maxModelBytes", maxModelBytes);
  const { tensors, metadata } = relation
    ? yield* relation.decode(bytes, most)
    : isCoded(bytes)
      ? yield* decodeFile(bytes, most)
      : readSafetensors(bytes);
  yield;
  const { part, configuration } = checkMetadata(metadata);
  const tables = configuration.prior.kind === "none" ? noTables : readTables(tensors, configuration);
  return {
    bytes,
    parent: relation?.parent,
    part,
    configuration,
    tables,
    planeContexts: readPlaneContexts(tensors),
    tensors,
    metadata,
  };
}

/** Which part of which graph a file holds. Throws `not-isthmus`, `unsupported-version` or `invalid-model`. */
export function checkMetadata(
  metadata: ModelFile["metadata"],
): Pick<ModelFile, "configuration"> & { readonly part: Part } {
  const { format, version, part } = metadata;
  if (format !== modelFormat) {
    throw new IsthmusError("not-isthmus", "This safetensors file does not hold an Isthmus model");
  }
  if (version !== modelVersion) {
    throw new IsthmusError("unsupported-version", `Expected model version ${modelVersion} but received ${version}`);
  }
  if (part !== "all" && part !== "receiver") throw invalid('part "all" or "receiver"', `"${part}"`);
  return {
    part: part as Part,
    configuration: checkReceiverConfiguration(parseMetadata(metadata.configuration, "configuration")),
  };
}

/** Throws `invalid-model` unless the file holds these weights, and, without `mayHoldMore`, none but these. */
export function* checkTensors(
  { tensors, configuration, planeContexts }: ModelFile,
  wanted: readonly TrainedTensor[],
  mayHoldMore = false,
): Steps<void> {
  for (const tensor of wanted) {
    for (const { values } of storedParts(tensor, tensors)) {
      if (!values.every(Number.isFinite)) throw invalid(`finite numbers in tensor "${tensor.name}"`, "others");
      yield;
    }
  }
  if (mayHoldMore) return;
  const weights = wanted.flatMap(({ name }) => storedNames(name, tensors));
  const codes = configuration.prior.kind !== "none";
  const others = (codes ? Object.keys(tableTensors).length : 0) + (planeContexts ? planeTensorNames.length : 0);
  if (tensors.size !== weights.length + others)
    throw invalid("the tensors of the model's configuration", "others, too");
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
  for (const layer of parameters.packed) yield* layer.packing();
}

function readTables(tensors: ReadonlyMap<string, Tensor>, configuration: ModelConfiguration): TableBank {
  const { tableCount } = receiverParts(levelsOf(configuration)[0]).prior!;
  const vector = (name: keyof TableBank, dtype: TensorType, most: number, least?: number) =>
    storedVector(tableTensors[name], dtype, tensors, most, least);
  const bank: TableBank = {
    minimum: new Int32Array(vector("minimum", "I32", tableCount, tableCount)),
    size: new Int32Array(vector("size", "I32", tableCount, tableCount)),
    frequencies: new Uint16Array(vector("frequencies", "U16", tableCount * (maxSize + 1))),
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
