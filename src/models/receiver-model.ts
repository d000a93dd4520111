import { hexOf } from "../bytes.js";
import { expected, IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { limitOf, limits, type ModelLimits } from "../limits.js";
import { checkConfiguration } from "./check-configuration.js";
import type { ModelConfiguration } from "./configuration.js";
import { type ExpectedTensor, planning, receiverTensors } from "./expected-tensors.js";
import { type PlaneContexts, planeTensorNames, readPlaneContexts } from "./plane-contexts.js";
import { type ReceiverNetwork, receiverNetwork } from "./receiver-network.js";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors.js";
import { sha256 } from "./sha256.js";
import { storedNames, storedValues, storedVector } from "./storage.js";
import { checkTables, type TableBank } from "./tables.js";

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

  protected constructor(protected readonly file: ModelFile) {
    this.part = file.part;
    this.configuration = file.configuration;
    const bytes = file.part === "receiver" ? file.bytes : this.receiver();
    this.id = hexOf(sha256(bytes).subarray(0, 8));
  }

  /**
   * Reads a model file of at most `maxModelBytes` and checks what a receiver needs of it. Throws `invalid-parameter`, `not-isthmus`, `truncated`, `corrupt`,
   * `unsupported-version`, `invalid-model`, or `model-unsuited` for a model that restores.
   */
  static read(bytes: Uint8Array, limits: Pick<ModelLimits, "maxModelBytes"> = {}): ReceiverModel {
    const file = readModelFile(bytes, limits);
    refuseRestoring(file.configuration);
    checkTensors(file, receiverTensors(file.configuration), file.part === "all");
    return new ReceiverModel(file);
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
    return this.fileWith(receiverTensors(this.configuration));
  }

  /** The receiver's network with this model's weights, over a kernel instance; `differentiable`: for gradients by its inputs. */
  receiverNetwork(kernels: Kernels, differentiable = false): ReceiverNetwork {
    const network = receiverNetwork(kernels, this.configuration, differentiable);
    loadWeights(network, this.file.tensors);
    return network;
  }

  /** A receiver's file with these weights. */
  protected fileWith(weights: readonly ExpectedTensor[]): Uint8Array {
    const { tensors } = this.file;
    const kept = new Set([
      ...weights.flatMap(({ name }) => storedNames(name, tensors)),
      ...Object.values(tableTensors),
      ...planeTensorNames,
    ]);
    return writeSafetensors({
      tensors: new Map([...tensors].filter(([name]) => kept.has(name))),
      metadata: {
        format: modelFormat,
        version: modelVersion,
        part: "receiver",
        configuration: JSON.stringify(this.configuration),
      },
    });
  }
}

/** Throws `model-unsuited` for a model that restores pictures. */
export function refuseRestoring({ restoration }: ModelConfiguration): void {
  if (!restoration) return;
  throw new IsthmusError(
    "model-unsuited",
    `Expected a model that codes pictures but received one that restores them (${restoration.corruption})`,
  );
}

/** Takes a model file apart and checks all of it but the weights. */
export function readModelFile(file: Uint8Array, { maxModelBytes }: Pick<ModelLimits, "maxModelBytes">): ModelFile {
  if (!(file instanceof Uint8Array)) throw expected("Uint8Array", "model", file);
  const most = limitOf("maxModelBytes", maxModelBytes, limits.maxModelBytes);
  if (file.length > most) {
    throw new IsthmusError("invalid-model", `Expected at most ${most} bytes for a model but received ${file.length}`);
  }
  // A copy, since the tensors stay views (and the `slice` of Node's Buffer would copy nothing).
  const bytes = new Uint8Array(file);
  const { tensors, metadata } = readSafetensors(bytes);
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
  const configuration = checkConfiguration(parseMetadata(metadata.configuration, "configuration"));
  const tables = configuration.prior.kind === "none" ? noTables : readTables(tensors, configuration);
  return { bytes, part, configuration, tables, planeContexts: readPlaneContexts(tensors), tensors, metadata };
}

/** Throws `invalid-model` unless the file holds these weights, and, without `mayHoldMore`, none but these. */
export function checkTensors(
  { tensors, configuration, planeContexts }: ModelFile,
  wanted: readonly ExpectedTensor[],
  mayHoldMore = false,
): void {
  for (const tensor of wanted) {
    if (storedValues(tensor, tensors).every(Number.isFinite)) continue;
    throw new IsthmusError("invalid-model", `The tensor "${tensor.name}" holds a number that is not finite`);
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
export function loadWeights(network: ReceiverNetwork, tensors: ReadonlyMap<string, Tensor>): void {
  for (const parameter of network.parameters.all) {
    network.parameters.write(parameter, storedValues(parameter, tensors));
  }
  network.prepare();
}

function readTables(tensors: ReadonlyMap<string, Tensor>, configuration: ModelConfiguration): TableBank {
  const bank: TableBank = {
    minimum: new Int32Array(storedVector(tableTensors.minimum, "I32", tensors)),
    size: new Int32Array(storedVector(tableTensors.size, "I32", tensors)),
    frequencies: new Uint16Array(storedVector(tableTensors.frequencies, "U16", tensors)),
  };
  checkTables(bank);
  const { tableCount } = receiverNetwork(planning, configuration).prior;
  if (bank.size.length !== tableCount) {
    throw new IsthmusError("invalid-model", `Expected ${tableCount} coding tables but received ${bank.size.length}`);
  }
  return bank;
}

/** Throws `invalid-model` where the text of a field of the metadata is no JSON. */
export function parseMetadata(text: string | undefined, what: string): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new IsthmusError("invalid-model", `The model's ${what} is not valid JSON`, { cause });
  }
}
