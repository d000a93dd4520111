import { sha256 } from "@noble/hashes/sha2.js";
import { hexOf } from "../bytes.js";
import { expected, IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { limitOf, limits, type ModelLimits } from "../limits.js";
import { checkConfiguration, type ModelConfiguration } from "./configuration.js";
import { type ExpectedTensor, expectedTensors, planning } from "./expected-tensors.js";
import { Network, type NetworkPart } from "./network.js";
import { type PlaneContexts, planeTensorNames, planeTensors, readPlaneContexts } from "./plane-contexts.js";
import { readSafetensors, type Safetensors, type Tensor, writeSafetensors } from "./safetensors.js";
import { asStored, storedNames, storedTensors, storedValues } from "./storage.js";
import { checkTables, type TableBank } from "./tables.js";

/** How a model came about: for people, for `inspect` and for reproducing it. Absent from a receiver's file. */
export interface TrainingFacts {
  readonly name: string;
  readonly images: number;
  readonly steps: number;
  readonly seed: number;
  readonly batch: number;
  /** Parts that batches were split into, in a training on several threads. */
  readonly shards?: number;
  /** Of variational models: see `TrainOptions`. */
  readonly beta?: number;
  readonly warmUp?: number;
  readonly samples?: number;
  readonly binarize?: boolean;
  readonly crop: number;
  readonly seconds: number;
  /** ISO 8601 day. */
  readonly date: string;
  readonly loss: number;
  readonly bitsPerPixel: number;
  readonly psnr: number;
  /** Of a sparse model, over some thousand training images: units that are active at a time (mean), and those that ever were. */
  readonly activity?: { readonly unitsAtATime: number; readonly unitsEver: number };
  /** Licence of the weights and of the images they were trained on. */
  readonly licence: string;
}

const format = "isthmus-model";
const formatVersion = "0";
/** Of a model that restores. */
const noTables: TableBank = { minimum: new Int32Array(0), size: new Int32Array(0), frequencies: new Uint16Array(0) };
const tableTensors = { minimum: "tables.minimum", size: "tables.size", frequencies: "tables.frequencies" };

/** A trained model: its graph, weights and integer tables, as held in an `.isthm` file (docs/FORMAT.md, "Model file"). */
export class Model {
  /** First 8 bytes of the SHA-256 of the receiver's file, as 16 hexadecimal digits: what streams name their model by. */
  readonly id: string;

  private constructor(
    /** The file. */
    readonly bytes: Uint8Array,
    readonly part: NetworkPart,
    readonly configuration: ModelConfiguration,
    readonly training: TrainingFacts | undefined,
    readonly tables: TableBank,
    /** What the contexts of the plane coder start from; undefined where no training image had planes. */
    readonly planeContexts: PlaneContexts | undefined,
    private readonly tensors: ReadonlyMap<string, Tensor>,
  ) {
    this.id = hexOf(sha256(part === "receiver" ? bytes : this.receiver()).subarray(0, 8));
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

  /** Number of trained weights in this file. */
  get parameters(): number {
    return expectedTensors(this.configuration, this.part).reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Reads and checks a model file of at most `maxModelBytes`. Throws `invalid-parameter`, `not-isthmus`, `truncated`, `corrupt`, `unsupported-version` or `invalid-model`.
   */
  static read(file: Uint8Array, { maxModelBytes }: Pick<ModelLimits, "maxModelBytes"> = {}): Model {
    if (!(file instanceof Uint8Array)) throw expected("Uint8Array", "model", file);
    const most = limitOf("maxModelBytes", maxModelBytes, limits.maxModelBytes);
    if (file.length > most) {
      throw new IsthmusError("invalid-model", `Expected at most ${most} bytes for a model but received ${file.length}`);
    }
    // A copy, since the tensors stay views (and the `slice` of Node's Buffer would copy nothing).
    const bytes = new Uint8Array(file);
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata.format !== format) {
      throw new IsthmusError("not-isthmus", "This safetensors file does not hold an Isthmus model");
    }
    if (metadata.version !== formatVersion) {
      throw new IsthmusError(
        "unsupported-version",
        `Expected model version ${formatVersion} but received ${metadata.version}`,
      );
    }
    if (metadata.part !== "all" && metadata.part !== "receiver") {
      throw new IsthmusError("invalid-model", `Expected part "all" or "receiver" but received "${metadata.part}"`);
    }
    const configuration = checkConfiguration(parse(metadata.configuration, "configuration"));
    const training = metadata.training === undefined ? undefined : checkTraining(parse(metadata.training, "training"));
    const wanted = expectedTensors(configuration, metadata.part);
    for (const tensor of wanted) checkTensor(tensor, tensors);
    const codes = configuration.prior.kind !== "none";
    const tables = codes ? readTables(tensors) : noTables;
    if (codes) checkTableCount(tables, configuration);
    const planeContexts = readPlaneContexts(tensors);
    const weights = wanted.flatMap(({ name }) => storedNames(name, tensors));
    const others = (codes ? Object.keys(tableTensors).length : 0) + (planeContexts ? planeTensorNames.length : 0);
    if (tensors.size !== weights.length + others) {
      throw new IsthmusError("invalid-model", "The model holds tensors that its configuration does not name");
    }
    return new Model(bytes, metadata.part, configuration, training, tables, planeContexts, tensors);
  }

  /** Writes a trained network as a model; one that restores has no tables. Weight matrices are rounded as storage.ts says; read the result back to code with it. */
  static write(
    network: Network,
    tables: TableBank | undefined,
    training: TrainingFacts,
    planes?: PlaneContexts,
  ): Model {
    const { parameters, configuration } = network;
    const tensors = new Map<string, Tensor>(
      parameters.all.flatMap((parameter) => storedTensors(parameter, parameters.read(parameter))),
    );
    if (tables) for (const [name, tensor] of tensorsOf(tables)) tensors.set(name, tensor);
    if (planes) for (const [name, tensor] of planeTensors(planes)) tensors.set(name, tensor);
    const metadata = { configuration: JSON.stringify(configuration), training: JSON.stringify(training) };
    return Model.read(
      writeSafetensors({ tensors, metadata: { format, version: formatVersion, part: "all", ...metadata } }),
    );
  }

  /** The file that a receiver needs: no analysis transform (unless the model restores), no training facts. The same id. */
  receiver(): Uint8Array {
    const kept = new Set([
      ...expectedTensors(this.configuration, "receiver").flatMap(({ name }) => storedNames(name, this.tensors)),
      ...Object.values(tableTensors),
      ...planeTensorNames,
    ]);
    const file: Safetensors = {
      tensors: new Map([...this.tensors].filter(([name]) => kept.has(name))),
      metadata: {
        format,
        version: formatVersion,
        part: "receiver",
        configuration: JSON.stringify(this.configuration),
      },
    };
    return writeSafetensors(file);
  }

  /** A copy of every trained tensor's values, by name. */
  weights(): Map<string, Float32Array> {
    return new Map(
      expectedTensors(this.configuration, this.part).map((tensor) => [tensor.name, valuesOf(tensor, this.tensors)]),
    );
  }

  /** The network with this model's weights, over a kernel instance; `differentiable`: for gradients by its inputs. */
  network(kernels: Kernels, options: { differentiable?: boolean; part?: NetworkPart } = {}): Network {
    const network = new Network(kernels, this.configuration, { part: this.part, ...options });
    loadWeights(network, this.tensors);
    return network;
  }
}

/** Rounds a network's weights to what a file will hold, so that tables are made for the weights that will be used. */
export function roundToStorage(network: Network): void {
  const { parameters } = network;
  for (const parameter of parameters.all) {
    parameters.write(parameter, asStored(parameter, parameters.read(parameter)));
  }
  network.prepare();
}

function loadWeights(network: Network, tensors: ReadonlyMap<string, Tensor>): void {
  for (const parameter of network.parameters.all) {
    network.parameters.write(parameter, valuesOf(parameter, tensors));
  }
  network.prepare();
}

function valuesOf(tensor: Pick<ExpectedTensor, "name" | "shape">, tensors: ReadonlyMap<string, Tensor>): Float32Array {
  const values = storedValues(tensor, tensors);
  if (values) return values;
  throw new IsthmusError("invalid-model", `The model lacks the scales of the tensor "${tensor.name}"`);
}

/** Facts are for people: any object will do. */
function checkTraining(facts: unknown): TrainingFacts {
  if (typeof facts === "object" && facts !== null && !Array.isArray(facts)) return facts as TrainingFacts;
  throw new IsthmusError("invalid-model", "The model's training facts are no object");
}

function checkTensor(expected: ExpectedTensor, tensors: ReadonlyMap<string, Tensor>): void {
  const { name, shape } = expected;
  const tensor = tensors.get(name);
  if (!tensor) throw new IsthmusError("invalid-model", `The model lacks the tensor "${name}"`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((side, i) => side !== shape[i])) {
    throw new IsthmusError(
      "invalid-model",
      `Expected shape [${shape}] for tensor "${name}" but received [${tensor.shape}]`,
    );
  }
  if (tensor.dtype !== "F16" && tensor.dtype !== "F32" && tensor.dtype !== "I8") {
    throw new IsthmusError(
      "invalid-model",
      `Expected F16, F32 or I8 for tensor "${name}" but received ${tensor.dtype}`,
    );
  }
  if (!valuesOf(expected, tensors).every(Number.isFinite)) {
    throw new IsthmusError("invalid-model", `The tensor "${name}" holds a number that is not finite`);
  }
}

function readTables(tensors: ReadonlyMap<string, Tensor>): TableBank {
  const read = (name: string, dtype: "I32" | "U16"): ArrayBuffer => {
    const tensor = tensors.get(name);
    if (!tensor || tensor.dtype !== dtype || tensor.shape.length !== 1) {
      throw new IsthmusError("invalid-model", `The model lacks the ${dtype} vector "${name}"`);
    }
    return tensor.data.slice().buffer as ArrayBuffer;
  };
  const bank: TableBank = {
    minimum: new Int32Array(read(tableTensors.minimum, "I32")),
    size: new Int32Array(read(tableTensors.size, "I32")),
    frequencies: new Uint16Array(read(tableTensors.frequencies, "U16")),
  };
  checkTables(bank);
  return bank;
}

function checkTableCount({ size }: TableBank, configuration: ModelConfiguration): void {
  const { tableCount } = new Network(planning, configuration, { part: "receiver" }).prior;
  if (size.length !== tableCount) {
    throw new IsthmusError("invalid-model", `Expected ${tableCount} coding tables but received ${size.length}`);
  }
}

function tensorsOf(bank: TableBank): [string, Tensor][] {
  const vector = (dtype: "I32" | "U16", values: Int32Array | Uint16Array): Tensor => ({
    dtype,
    shape: [values.length],
    data: bytesOf(values),
  });
  return [
    [tableTensors.minimum, vector("I32", bank.minimum)],
    [tableTensors.size, vector("I32", bank.size)],
    [tableTensors.frequencies, vector("U16", bank.frequencies)],
  ];
}

const bytesOf = (values: Float32Array | Int32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function parse(text: string | undefined, what: string): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new IsthmusError("invalid-model", `The model's ${what} is not valid JSON`, { cause });
  }
}
