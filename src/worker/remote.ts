import type { ByteSource } from "../byte-source.js";
import type { DecodeOptions, EncodeOptions } from "../codec/options.js";
import type { Encoding } from "../codec/targets.js";
import { expected, type IsthmusError, throwIfAborted } from "../errors.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import { isModel, type ModelOptions, type ModelSource, readModel } from "../models/model-source.js";
import type { TrainOptions } from "../training/options.js";
import type { Order } from "../training/team/messages.js";
import { Connection, type Handed, type WorkerLike } from "./connection.js";
import type { ModelFile, SentModel } from "./messages.js";
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
    const { model: source, signal, ...limits }: ModelOptions = isModel(options) ? { model: options } : options;
    const file = source === undefined ? undefined : await readModel(source);
    const given = { limits: portableOptions(limits), ...(file && { model: file }) };
    const { codec, model } = await this.connection.call("loadCodec", given, { signal }, file ? [file.buffer] : []);
    return new OneCodec(this.connection, codec, modelFile(model));
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
    const model = from && (await readModel(from));
    const given = { options: portableOptions(rest), helpers, ...(model !== undefined && { from: model }) };
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

function modelFile({ receiverBytes, ...facts }: SentModel): ModelFile {
  return { ...facts, receiver: () => receiverBytes };
}

/** As in training/team/remote-worker.ts, whose neighbours a page that only talks to workers need not load. */
function endHelp(port: MessagePort): void {
  port.postMessage({ order: "end" } satisfies Order);
  port.close();
}
