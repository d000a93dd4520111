import type { Bytes } from "../byte-source.js";
import { IsthmusError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import type { ModelLimits, OpenOptions } from "../limits.js";
import { Pacer } from "../pacer.js";
import { finish, paced, type Steps } from "../steps.js";
import { checkConfiguration } from "./check-sender.js";
import { encodeFile } from "./encode-file.js";
import { expectedTensors } from "./expected-tensors.js";
import { Network, type NetworkPart } from "./network.js";
import { type PlaneContexts, planeTensors } from "./plane-contexts.js";
import {
  checkTensors,
  digestOf,
  loadWeights,
  type ModelFile,
  modelFormat,
  modelVersion,
  parseMetadata,
  ReceiverModel,
  readModelFile,
  receiverFile,
  tableTensors,
} from "./receiver-model.js";
import { type Tensor, writeSafetensors } from "./safetensors.js";
import { asStored, storedTensors, storedValues } from "./storage.js";
import type { TableBank } from "./tables.js";

/** What a training by the clock did when: with its steps, seed, batch and crop it can be repeated. */
export interface RecordedSchedule {
  /** For each 256th of the time that was reached, the first step, counted from 0, that was taken in it. */
  readonly firstSteps: readonly number[];
  /** Crops that were counted into the coding tables, at each of their qualities; 0 for models without tables. */
  readonly tableCrops: number;
}

/** How a model came about: for people, for `inspect` and for reproducing it. Absent from a receiver's file. */
export interface TrainingFacts {
  readonly name: string;
  readonly images: number;
  readonly steps: number;
  readonly seed: number;
  readonly batch: number;
  /** Parts that batches were split into. */
  readonly shards?: number;
  /** Of a training by the clock. */
  readonly schedule?: RecordedSchedule;
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

interface NetworkOptions {
  readonly differentiable?: boolean;
  readonly part?: NetworkPart;
}

/** A trained model: its graph, weights and integer tables, as held in an `.isthm` file (docs/FORMAT.md, "Model file"). */
export class Model extends ReceiverModel {
  private constructor(
    file: ModelFile,
    digest: Uint8Array,
    readonly training: TrainingFacts | undefined,
  ) {
    super(file, digest);
  }

  /** Number of trained weights in this file. */
  get parameters(): number {
    return expectedTensors(this.configuration, this.part).reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Reads and checks a model file of at most `maxModelBytes`. Throws `invalid-parameter`, `not-isthmus`, `truncated`, `corrupt`, `unsupported-version` or `invalid-model`.
   */
  static read(bytes: Bytes, limits: Pick<ModelLimits, "maxModelBytes"> = {}): Model {
    return finish(Model.reading(bytes, limits));
  }

  /** `read`, with breath in between, until the signal is raised. Throws `aborted`, too. */
  static override open(bytes: Bytes, options: OpenOptions = {}, isOwn = false): Promise<Model> {
    return paced(Model.reading(bytes, options, isOwn), new Pacer(options));
  }

  protected static override *reading(
    bytes: Bytes,
    limits: Pick<ModelLimits, "maxModelBytes">,
    isOwn = false,
  ): Steps<Model> {
    const file = yield* readModelFile(bytes, limits, isOwn);
    const { metadata, configuration, part } = file;
    checkConfiguration(configuration);
    const training =
      metadata.training === undefined ? undefined : checkTraining(parseMetadata(metadata.training, "training"));
    yield* checkTensors(file, expectedTensors(configuration, part));
    return new Model(file, yield* digestOf(file, expectedTensors(configuration, "receiver")), training);
  }

  /** Writes a trained network as a model; one that restores has no tables. Weight matrices are rounded as storage.ts says; read the result back to code with it. */
  static write(
    network: Network,
    tables: TableBank | undefined,
    training: TrainingFacts,
    planes?: PlaneContexts,
    configuration = network.configuration,
  ): Model {
    return finish(Model.writing(network, tables, training, planes, configuration));
  }

  /** The steps of `write`. */
  static *writing(
    network: Network,
    tables: TableBank | undefined,
    training: TrainingFacts,
    planes?: PlaneContexts,
    configuration = network.configuration,
  ): Steps<Model> {
    const { parameters } = network;
    const tensors = new Map<string, Tensor>();
    for (const parameter of parameters.all) {
      for (const [name, tensor] of storedTensors(parameter, parameters.read(parameter))) tensors.set(name, tensor);
      yield;
    }
    if (tables) for (const [name, tensor] of tensorsOf(tables)) tensors.set(name, tensor);
    if (planes) for (const [name, tensor] of planeTensors(planes)) tensors.set(name, tensor);
    const metadata = { configuration: JSON.stringify(configuration), training: JSON.stringify(training) };
    const bytes = yield* encodeFile({
      tensors,
      metadata: { format: modelFormat, version: modelVersion, part: "all", ...metadata },
    });
    return yield* Model.reading(bytes, {}, true);
  }

  override receiver(): Uint8Array {
    return finish(encodeFile(receiverFile(this.file, expectedTensors(this.configuration, "receiver"))));
  }

  /** The file with its tensors coded: `bytes`, but where the model was read from a plain safetensors file. */
  coded(): Uint8Array {
    return finish(encodeFile({ ...this.file, tensors: new Map(this.file.tensors) }));
  }

  /** The same model as a plain safetensors file, about twice as long, for other programs; `Model.read` takes it, too. */
  safetensors(): Uint8Array {
    return writeSafetensors({ ...this.file, tensors: new Map(this.file.tensors) });
  }

  /** A copy of every trained tensor's values, by name. */
  weights(): Map<string, Float32Array> {
    return new Map(
      expectedTensors(this.configuration, this.part).map((tensor) => [
        tensor.name,
        storedValues(tensor, this.file.tensors),
      ]),
    );
  }

  /** The network with this model's weights, over a kernel instance; `differentiable`: for gradients by its inputs. */
  network(kernels: Kernels, options: NetworkOptions = {}): Network {
    return finish(this.networkSteps(kernels, options));
  }

  /** The steps of `network`. */
  *networkSteps(kernels: Kernels, options: NetworkOptions = {}): Steps<Network> {
    const network = new Network(kernels, this.configuration, { part: this.part, ...options });
    yield* loadWeights(network, this.file.tensors);
    return network;
  }
}

/** Rounds a network's weights to what a file will hold, so that tables are made for the weights that will be used. */
export const roundToStorage = (network: Network): void => finish(roundingToStorage(network));

/** The steps of `roundToStorage`. */
export function* roundingToStorage(network: Network): Steps<void> {
  const { parameters } = network;
  for (const parameter of parameters.all) {
    parameters.write(parameter, asStored(parameter, parameters.read(parameter)));
    yield;
  }
  network.prepare();
}

/** Facts are for people: any object will do. */
function checkTraining(facts: unknown): TrainingFacts {
  if (typeof facts === "object" && facts !== null && !Array.isArray(facts)) return facts as TrainingFacts;
  throw new IsthmusError("invalid-model", "The model's training facts are no object");
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

const bytesOf = (values: Int32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
