import type { Bytes } from "../ground/byte-source.js";
import { expected, IsthmusError } from "../ground/errors.js";
import type { ModelLimits } from "../ground/limits.js";
import { Pacer } from "../ground/pacer.js";
import { type Tensor, writeSafetensors } from "../ground/safetensors.js";
import { finish, paced, type Steps } from "../ground/steps.js";
import type { Kernels } from "../kernels/kernels.js";
import { checkConfiguration } from "./check-sender.js";
import { isDifference } from "./coded-file.js";
import { kinshipOf, mayDiffer, type Part } from "./difference.js";
import { encodeFile } from "./encode-file.js";
import { expectedTensors, Network, type NetworkPart } from "./network.js";
import { type ReadLimits, relationAmong } from "./parent-among.js";
import { type Opening, parentModels, type Relation, relate } from "./parents.js";
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
  takeFile,
} from "./receiver-model.js";
import { asStored, besideParent, type Storing, storedTensors, storedValues } from "./storage.js";
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
    return parametersOf(this);
  }

  /**
   * Reads and checks a model file of at most `maxModelBytes`, with the parents that it needs. Throws `invalid-parameter`, `not-isthmus`, `truncated`, `corrupt`, `unsupported-version`,
   * `invalid-model`, or `model-missing` or `model-mismatch` for a difference whose parent is not among them.
   */
  static read(bytes: Bytes, limits: ReadLimits = {}): Model {
    const file = takeFile(bytes, limits, false);
    return finish(Model.reading(file, limits, relationAmong(file, limits, Model.read)));
  }

  /** `read`, with breath in between, until the signal is raised. Throws `aborted`, too. */
  static override async open(bytes: Bytes, options: Opening = {}, isOwn = false): Promise<Model> {
    const file = takeFile(bytes, options, isOwn);
    const { parents = parentModels() } = options;
    const opening = { ...options, parents };
    const relation = isDifference(file) ? await parents.relationOf(file, opening, Model.open) : undefined;
    return paced(Model.reading(file, options, relation), new Pacer(options));
  }

  protected static override *reading(
    bytes: Uint8Array,
    limits: Pick<ModelLimits, "maxModelBytes">,
    relation?: Relation,
  ): Steps<Model> {
    const file = yield* readModelFile(bytes, limits, relation);
    const { metadata, configuration, part } = file;
    checkConfiguration(configuration);
    const training = trainingOf(metadata);
    yield* checkTensors(file, expectedTensors(configuration, part));
    const model = new Model(file, yield* digestOf(file, expectedTensors(configuration, "receiver")), training);
    return relation ? relation.checked(model) : model;
  }

  /** Writes a trained network as a model; one that restores has no tables. Weight matrices are rounded as storage.ts says; read the result back to code with it. @internal */
  static write(
    network: Network,
    tables: TableBank | undefined,
    training: TrainingFacts,
    planes?: PlaneContexts,
    configuration = network.configuration,
  ): Model {
    return finish(Model.writing(network, tables, training, planes, configuration));
  }

  /** The steps of `write`; `parent`: what the file shall be the difference to. @internal */
  static *writing(
    network: Network,
    tables: TableBank | undefined,
    training: TrainingFacts,
    planes?: PlaneContexts,
    configuration = network.configuration,
    parent?: Model,
  ): Steps<Model> {
    const { parameters } = network;
    const tensors = new Map<string, Tensor>();
    const storing = parent ? besideParent(parent.file.tensors) : storedTensors;
    for (const parameter of parameters.all) {
      for (const [name, tensor] of storing(parameter, parameters.read(parameter))) tensors.set(name, tensor);
      yield;
    }
    if (tables) for (const [name, tensor] of tensorsOf(tables)) tensors.set(name, tensor);
    if (planes) for (const [name, tensor] of planeTensors(planes)) tensors.set(name, tensor);
    const metadata = { configuration: JSON.stringify(configuration), training: JSON.stringify(training) };
    const content = { tensors, metadata: { format: modelFormat, version: modelVersion, part: "all", ...metadata } };
    const model = yield* Model.reading(yield* encodeFile(content), {});
    if (!parent) return model;
    const difference = yield* model.coding(parent);
    return yield* Model.reading(difference, {}, relate(parent, kinshipOf(difference)!));
  }

  /**
   * The file that a receiver needs: no analysis transform (unless the model restores), no training facts. The same id. A difference to the receiver's half of the same parent where
   * this model is one, unless it shall stand `alone`.
   */
  override receiver(options?: { readonly alone?: boolean }): Uint8Array {
    return finish(this.receiving(options?.alone));
  }

  /** The steps of `receiver`: on the whole they take longer than other events should wait. @internal */
  *receiving(alone?: boolean): Steps<Uint8Array> {
    const { bytes, parent, part } = this.file;
    if (part === "receiver" && !(alone && parent)) return bytes;
    return yield* this.coding(alone ? undefined : parent, "receiver");
  }

  /**
   * The file with its tensors coded, which stands alone: `bytes`, but where those are a plain safetensors file, or a difference to another model. With a `parent`: as the difference to
   * that. Throws `invalid-parameter` for a parent of another architecture, or half of one.
   */
  coded({ parent }: { readonly parent?: ReceiverModel } = {}): Uint8Array {
    return finish(this.coding(parent));
  }

  private *coding(parent?: ReceiverModel, part = this.part): Steps<Uint8Array> {
    const whole = { tensors: new Map(this.file.tensors), metadata: this.file.metadata };
    const content =
      part === this.part ? whole : receiverFile(this.file, expectedTensors(this.configuration, "receiver"));
    if (!parent) return yield* encodeFile(content);
    this.checkParent(parent, part);
    const { id } = this;
    return yield* encodeFile(content, { id, parent: parent.id, part, tensors: parent.tensorsOf(part) });
  }

  private checkParent(parent: ReceiverModel, part: Part): void {
    if (part === "all" && parent.part !== part) throw expected("a whole model", "parent", "the receiver's half of one");
    if (parent.id === this.id) throw expected("another model", "parent", "the model itself");
    if (!isAlike(parent, this, part))
      throw expected("a model of the same architecture", "parent", `model ${parent.id}`);
  }

  /** @internal */
  override tensorsOf(part: Part): ReadonlyMap<string, Tensor> {
    if (part === this.part) return this.file.tensors;
    return receiverFile(this.file, expectedTensors(this.configuration, "receiver")).tensors;
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

  /** The network with this model's weights, over a kernel instance; `differentiable`: for gradients by its inputs. @internal */
  network(kernels: Kernels, options: NetworkOptions = {}): Network {
    return finish(this.networkSteps(kernels, options));
  }

  /** The steps of `network`. @internal */
  *networkSteps(kernels: Kernels, options: NetworkOptions = {}): Steps<Network> {
    const network = new Network(kernels, this.configuration, { part: this.part, ...options });
    yield* loadWeights(network, this.file.tensors);
    return network;
  }
}

/** Whether models have the same tensors, but for what changes with every training. */
export function isAlike(left: ReceiverModel, right: ReceiverModel, part: Part): boolean {
  const described = (model: ReceiverModel): string =>
    [...model.tensorsOf(part)]
      .filter(([name]) => !mayDiffer.test(name))
      .map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape}`)
      .sort()
      .join();
  return described(left) === described(right);
}

/** Rounds a network's weights to what a file will hold, so that tables are made for the weights that will be used. */
export const roundToStorage = (network: Network): void => finish(roundingToStorage(network));

/** The steps of `roundToStorage`. */
export function* roundingToStorage(network: Network, storing?: Storing): Steps<void> {
  const { parameters } = network;
  for (const parameter of parameters.all) {
    parameters.write(parameter, asStored(parameter, parameters.read(parameter), storing));
    yield;
  }
  network.prepare();
}

/** Trained weights in a part of a model. */
export const parametersOf = ({ configuration, part }: Pick<Model, "configuration" | "part">): number =>
  expectedTensors(configuration, part).reduce((sum, { count }) => sum + count, 0);

/** Facts are for people: any object will do. */
export function trainingOf({ training }: ModelFile["metadata"]): TrainingFacts | undefined {
  if (training === undefined) return undefined;
  const facts = parseMetadata(training, "training");
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
