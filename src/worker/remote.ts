import type { DecodeOptions, EncodeOptions } from "../codec/codec-options.js";
import type { Report } from "../codec/inspect.js";
import type { RestoreOptions } from "../codec/restorer.js";
import type { Encoding } from "../codec/search/targets.js";
import type { ByteSource } from "../ground/byte-source.js";
import { expected, type IsthmusError, throwIfAborted } from "../ground/errors.js";
import { isA } from "../ground/is-a.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import type {
  ExploreOptions,
  LatentCode,
  LatentSpace,
  LatentTraversal,
  LogLikelihoodOptions,
} from "../latent-space/latent-space.js";
import type { LogLikelihood } from "../latent-space/log-likelihood.js";
import type { OpenOptions } from "../models/model-source.js";
import { isModel, type ModelOptions, type ModelSource } from "../models/model-source.js";
import { portableModel } from "../models/portable-model.js";
import type { Order } from "../training/team/team-messages.js";
import type { TrainOptions } from "../training/train-options.js";
import { Connection, type Handed, type WorkerLike } from "./connection.js";
import type { LatentMethod, LatentResult, ModelFile, SentModel } from "./messages.js";
import { portable, portableBytes, portableOptions } from "./portable.js";

/** Milliseconds. */
const momentToEnd = 50;

export interface TransferOptions {
  /** Hand the memory of the input over instead of copying it; it is empty afterwards. Default false. */
  readonly transfer?: boolean;
}

export type RemoteEncodeOptions = EncodeOptions & TransferOptions;
export type RemoteDecodeOptions = DecodeOptions & TransferOptions;

export interface RemoteTrainOptions extends Omit<TrainOptions, "from" | "validation" | "onSnapshot"> {
  readonly from?: ModelSource | null;
  readonly validation?: Iterable<PixelSource>;
  readonly onSnapshot?: (model: ModelFile) => void | Promise<void>;
}

export type RemoteRestoreOptions = RestoreOptions & TransferOptions;

/** A restorer that works elsewhere. */
export interface RemoteRestorer {
  readonly model: ModelFile;
  restore(image: PixelSource, options?: RemoteRestoreOptions): Promise<DecodedImage>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/** A picture, or its code. */
type Picture = PixelSource | LatentCode;

/** A latent space that works elsewhere: the calls of `LatentSpace`, and whatever shows pixels for an image. */
export interface RemoteLatentSpace extends Pick<LatentSpace, "hasPrior" | "decode" | "sample"> {
  readonly model: ModelFile;
  encode(image: PixelSource): Promise<LatentCode>;
  interpolate(from: Picture, to: Picture, steps: number, options?: InterpolationOptions): Promise<DecodedImage[]>;
  explore(options?: Omit<ExploreOptions, "image"> & { readonly image?: Picture }): Promise<LatentTraversal[]>;
  logLikelihood(images: readonly PixelSource[], options?: LogLikelihoodOptions): Promise<LogLikelihood[]>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

type InterpolationOptions = NonNullable<Parameters<LatentSpace["interpolate"]>[3]>;

/** A codec that works elsewhere: the calls of `Codec`, and whatever shows pixels for an image. */
export interface RemoteCodec {
  readonly model: ModelFile;
  encode(image: PixelSource, options?: RemoteEncodeOptions): Promise<Uint8Array>;
  encodeTo(image: PixelSource, options?: RemoteEncodeOptions): Promise<Encoding>;
  decode(bytes: ByteSource, options?: RemoteDecodeOptions): Promise<DecodedImage>;
  /** Gives its memory back. */
  close(): Promise<void>;
}

/**
 * The library in a worker, with the same promises as on the page. `worker` is a `Worker` (of a browser or of `node:worker_threads`) that runs
 * `isthmus/worker`. An abort reaches the work within about 50 ms, and the promise settles when the worker is free.
 * Calls throw as those of the library, and `worker-failed` where the worker cannot start or ends.
 */
export function wrap(worker: WorkerLike): RemoteIsthmus {
  if (typeof worker?.postMessage !== "function") throw expected("a Worker", "worker", worker);
  return new RemoteIsthmus(new Connection(worker));
}

export class RemoteIsthmus {
  constructor(private readonly connection: Connection) {}

  /** Calls under way. */
  get open(): number {
    return this.connection.open;
  }

  /** True when the worker could not start or has ended. */
  get failed(): boolean {
    return this.connection.failed;
  }

  /** A codec over a model, or over the embedded photo model. Throws as `loadCodec`. */
  async loadCodec(options: ModelOptions | ModelSource = {}): Promise<RemoteCodec> {
    const asked: ModelOptions = isModel(options) ? { model: options } : options;
    const { model: source, parents, signal, ...limits } = asked;
    const sent = source === undefined ? undefined : await portableModel(source, parents, signal);
    const given = { limits: portableOptions(limits), ...sent };
    const { codec, model } = await this.connection.call(
      "loadCodec",
      given,
      { signal },
      sent ? [sent.model.buffer] : [],
    );
    return new OneCodec(this.connection, codec, modelFile(model));
  }

  /** What a stream or a model file says about itself. Throws as `inspect`, and `aborted`. */
  async inspect(source: ByteSource, options: OpenOptions = {}): Promise<Report> {
    const { signal, ...limits } = options;
    const bytes = await portableBytes(source, "bytes");
    return this.connection.call("inspect", { bytes, limits: portableOptions(limits) }, { signal }, [bytes.buffer]);
  }

  /** A restorer over a model that was trained to restore. Throws as `createRestorer`. */
  async createRestorer(model: ModelSource, options: OpenOptions = {}): Promise<RemoteRestorer> {
    const { given, signal, transfer } = await openingOf(model, options);
    const made = await this.connection.call("createRestorer", given, { signal }, transfer);
    return new OneRestorer(this.connection, made.restorer, modelFile(made.model));
  }

  /** The latents of a model of pictures of one size. Throws as `loadLatentSpace`. */
  async loadLatentSpace({
    model,
    ...options
  }: OpenOptions & { readonly model: ModelSource }): Promise<RemoteLatentSpace> {
    const { given, signal, transfer } = await openingOf(model, options);
    const { space, model: file, hasPrior } = await this.connection.call("loadLatentSpace", given, { signal }, transfer);
    return new OneLatentSpace(this.connection, space, modelFile(file), hasPrior);
  }

  /** Trains a model. Throws as `train`; files and other pictures are read in the worker. */
  train(images: Iterable<PixelSource>, options: RemoteTrainOptions = {}): Promise<ModelFile> {
    return this.trainHere(images, options, [], undefined);
  }

  /** `train` in this worker with the help of others. Throws `worker-failed` where one of them fails. */
  async trainWith(
    others: readonly RemoteIsthmus[],
    images: Iterable<PixelSource>,
    options: RemoteTrainOptions = {},
  ): Promise<ModelFile> {
    throwIfAborted(options.signal);
    const lost = new AbortController();
    const ports = others.map(({ connection }) => {
      const { port1, port2 } = new MessageChannel();
      connection.call("help", { port: port1 }, {}, [port1]).catch((error) => lost.abort(error));
      return port2;
    });
    try {
      return await this.trainHere(images, options, ports, lost.signal);
    } catch (error) {
      // The port of a worker that has ended is closed, and cannot be sent, a moment before the worker says so.
      const isPort = others.length > 0 && (error as IsthmusError).code === "invalid-parameter";
      if (isPort) await new Promise((resolve) => setTimeout(resolve, momentToEnd));
      throw lost.signal.aborted ? lost.signal.reason : error;
    } finally {
      // Of no effect on ports that were handed over.
      for (const port of ports) endHelp(port);
    }
  }

  private async trainHere(
    images: Iterable<PixelSource>,
    options: RemoteTrainOptions,
    helpers: readonly MessagePort[],
    lost: AbortSignal | undefined,
  ): Promise<ModelFile> {
    const { signal, finish, onProgress, onCheckpoint, onSnapshot, from, validation, ...rest } = options;
    const handed: Handed = { training: images, ...(validation && { validation }) };
    const sent = from && (await portableModel(from, undefined, signal));
    const model = sent ? { from: sent.model, parents: sent.parents } : from === null && { from };
    const given = { options: portableOptions(rest), helpers, ...model };
    const snapshot = onSnapshot && ((model: SentModel) => onSnapshot(modelFile(model)));
    const listeners = { signal, finish, lost, progress: onProgress, checkpoint: onCheckpoint, snapshot };
    return modelFile(await this.connection.call("train", given, listeners, helpers, handed));
  }

  /** Ends the worker at once; calls under way throw `aborted`. */
  terminate(): void {
    this.connection.terminate();
  }
}

class OneCodec implements RemoteCodec {
  constructor(
    private readonly connection: Connection,
    private readonly codec: number,
    readonly model: ModelFile,
  ) {}

  async encode(image: PixelSource, options?: RemoteEncodeOptions): Promise<Uint8Array> {
    return (await this.encodeTo(image, options)).bytes;
  }

  async encodeTo(image: PixelSource, options: RemoteEncodeOptions = {}): Promise<Encoding> {
    const { signal, onProgress, transfer, ...rest } = options;
    const sent = await portable(image, transfer, signal);
    const given = { codec: this.codec, image: sent.source, options: portableOptions(rest) };
    return this.connection.call("encode", given, { signal, progress: onProgress }, sent.transfer);
  }

  async decode(source: ByteSource, options: RemoteDecodeOptions = {}): Promise<DecodedImage> {
    const { signal, onProgress, transfer, ...rest } = options;
    const bytes = await portableBytes(source, "bytes", transfer);
    const given = { codec: this.codec, bytes, options: portableOptions(rest) };
    return this.connection.call("decode", given, { signal, progress: onProgress }, [bytes.buffer]);
  }

  async close(): Promise<void> {
    await this.connection.call("closeCodec", { codec: this.codec });
  }
}

class OneRestorer implements RemoteRestorer {
  constructor(
    private readonly connection: Connection,
    private readonly restorer: number,
    readonly model: ModelFile,
  ) {}

  async restore(image: PixelSource, options: RemoteRestoreOptions = {}): Promise<DecodedImage> {
    const { signal, onProgress, transfer, ...rest } = options;
    const sent = await portable(image, transfer, signal);
    const given = { restorer: this.restorer, image: sent.source, options: portableOptions(rest) };
    return this.connection.call("restore", given, { signal, progress: onProgress }, sent.transfer);
  }

  async close(): Promise<void> {
    await this.connection.call("closeRestorer", { restorer: this.restorer });
  }
}

class OneLatentSpace implements RemoteLatentSpace {
  constructor(
    private readonly connection: Connection,
    private readonly space: number,
    readonly model: ModelFile,
    readonly hasPrior: boolean,
  ) {}

  encode(image: PixelSource): Promise<LatentCode> {
    return this.use("encode", [image]);
  }

  decode(codes: readonly LatentCode[], options: { signal?: AbortSignal } = {}): Promise<DecodedImage[]> {
    return this.use("decode", codes, undefined, options);
  }

  sample(count: number, options: Parameters<LatentSpace["sample"]>[1] = {}): Promise<DecodedImage[]> {
    return this.use("sample", [], count, options);
  }

  interpolate(from: Picture, to: Picture, steps: number, options: InterpolationOptions = {}): Promise<DecodedImage[]> {
    return this.use("interpolate", [from, to], steps, options);
  }

  explore(options: Omit<ExploreOptions, "image"> & { readonly image?: Picture } = {}): Promise<LatentTraversal[]> {
    const { image, ...rest } = options;
    return this.use("explore", image === undefined ? [] : [image], undefined, rest);
  }

  logLikelihood(images: readonly PixelSource[], options: LogLikelihoodOptions = {}): Promise<LogLikelihood[]> {
    return this.use("logLikelihood", images, undefined, options);
  }

  async close(): Promise<void> {
    await this.connection.call("closeLatentSpace", { space: this.space });
  }

  private async use<Method extends LatentMethod>(
    method: Method,
    given: readonly Picture[],
    value?: unknown,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void } = {},
  ): Promise<LatentResult<Method>> {
    const { signal, onProgress, ...rest } = options;
    const pictures: Picture[] = [];
    const transfer: object[] = [];
    for (const picture of list(given)) {
      if (typeof picture === "object" && picture !== null && "modelId" in picture) {
        const { modelId, values } = picture;
        pictures.push({ modelId, values: isA(values, "Float32Array") ? values.slice() : values });
        continue;
      }
      const sent = await portable(picture, false, signal);
      pictures.push(sent.source);
      transfer.push(...sent.transfer);
    }
    const asked = { space: this.space, method, pictures, value, options: portableOptions(rest) };
    const returned = await this.connection.call("useLatentSpace", asked, { signal, progress: onProgress }, transfer);
    return returned as LatentResult<Method>;
  }
}

/** Throws `invalid-parameter` for what is no list. */
function list<Item>(items: readonly Item[]): readonly Item[] {
  if (Array.isArray(items)) return items;
  throw expected("an array", "the pictures or codes", items);
}

/** What a worker is given to open a model. */
async function openingOf(model: ModelSource, { signal, parents, ...limits }: OpenOptions) {
  const sent = await portableModel(model, parents, signal);
  return { given: { ...sent, limits: portableOptions(limits) }, signal, transfer: [sent.model.buffer] };
}

function modelFile({ receiverBytes, ...facts }: SentModel): ModelFile {
  return { ...facts, receiver: () => receiverBytes };
}

/** As in training/team/remote-worker.ts, whose neighbours a page that only talks to workers need not load. */
function endHelp(port: MessagePort): void {
  port.postMessage({ order: "end" } satisfies Order);
  port.close();
}
