import type { Report } from "../codec/inspect.js";
import type { ByteSource } from "../ground/byte-source.js";
import { expected, type IsthmusError, throwIfAborted } from "../ground/errors.js";
import type { PaceOptions } from "../ground/pacer.js";
import type { PixelSource } from "../image/source.js";
import { isModel, type ModelOptions, type ModelSource, type OpenOptions } from "../models/model-source.js";
import { type PortableOpening, portableModel } from "../models/portable-model.js";
import type { Order } from "../training/team/team-messages.js";
import type { TrainOptions } from "../training/train-options.js";
import { Connection, type Handed, type WorkerLike } from "./connection.js";
import type { Calls, Metric, ModelFile, OpeningCall, SentModel } from "./messages.js";
import {
  modelFile,
  OneCodec,
  OneLatentSpace,
  OneRestorer,
  type RemoteCodec,
  type RemoteLatentSpace,
  type RemoteRestorer,
} from "./opened.js";
import { portableBytes, portableOptions, portablePictures } from "./portable.js";

/** Milliseconds. */
const momentToEnd = 50;

export interface RemoteTrainOptions extends Omit<TrainOptions, "from" | "validation" | "onSnapshot"> {
  readonly from?: ModelSource | null;
  readonly validation?: Iterable<PixelSource>;
  readonly onSnapshot?: (model: ModelFile) => void | Promise<void>;
}

type SignalOptions = Pick<PaceOptions, "signal">;

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
  /** @internal */
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
  async loadCodec(options: PortableOpening<ModelOptions> | ModelSource = {}): Promise<RemoteCodec> {
    const { model, ...opening } = (isModel(options) ? { model: options } : options) as PortableOpening<ModelOptions>;
    return new OneCodec(this.connection, await this.opened("loadCodec", model, opening));
  }

  /** What a stream or a model file says about itself. Throws as `inspect`, and `aborted`. */
  async inspect(source: ByteSource, options: OpenOptions = {}): Promise<Report> {
    const { signal, ...limits } = options;
    const bytes = await portableBytes(source, "bytes");
    return this.connection.call("inspect", { bytes, limits: portableOptions(limits) }, { signal }, [bytes.buffer]);
  }

  /** `ssimulacra2` of two pictures. Throws as that, and `invalid-image` for what cannot be read. */
  ssimulacra2(original: PixelSource, image: PixelSource, options?: PaceOptions): Promise<number> {
    return this.measure("ssimulacra2", original, image, options);
  }

  /** `psnr` of two pictures. Throws as that, `invalid-image` and `aborted`. */
  psnr(reference: PixelSource, image: PixelSource, options?: SignalOptions): Promise<number> {
    return this.measure("psnr", reference, image, options);
  }

  /** `ssim` of two pictures. Throws as that, `invalid-image` and `aborted`. */
  ssim(reference: PixelSource, image: PixelSource, options?: SignalOptions): Promise<number> {
    return this.measure("ssim", reference, image, options);
  }

  /** `msSsim` of two pictures. Throws as that, `invalid-image` and `aborted`. */
  msSsim(reference: PixelSource, image: PixelSource, options?: SignalOptions): Promise<number> {
    return this.measure("msSsim", reference, image, options);
  }

  /** A restorer over a model that was trained to restore. Throws as `createRestorer`. */
  async createRestorer(model: ModelSource, options: PortableOpening<OpenOptions> = {}): Promise<RemoteRestorer> {
    return new OneRestorer(this.connection, await this.opened("createRestorer", model, options));
  }

  /** The latents of a model of pictures of one size. Throws as `loadLatentSpace`. */
  async loadLatentSpace({
    model,
    ...options
  }: PortableOpening<OpenOptions> & { readonly model: ModelSource }): Promise<RemoteLatentSpace> {
    return new OneLatentSpace(this.connection, await this.opened("loadLatentSpace", model, options));
  }

  /** Trains a model. Throws as `train`; files and other pictures are read in the worker. */
  train(images: Iterable<PixelSource>, options: RemoteTrainOptions = {}): Promise<ModelFile> {
    return this.trainHere(images, options, [], undefined);
  }

  /** `train` in this worker and others together. Throws `worker-failed` where one of them fails. */
  async trainWith(
    others: readonly RemoteIsthmus[],
    images: Iterable<PixelSource>,
    options: RemoteTrainOptions = {},
  ): Promise<ModelFile> {
    throwIfAborted(options.signal);
    const lost = new AbortController();
    const ports = others.map(({ connection }) => {
      const { port1, port2 } = new MessageChannel();
      connection.call("work", { port: port1 }, {}, [port1]).catch((error) => lost.abort(error));
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
      for (const port of ports) endWork(port);
    }
  }

  /** Opens a model in the worker; none: the embedded one. */
  private async opened<Name extends OpeningCall>(
    call: Name,
    model: ModelSource | undefined,
    { signal, parents, ...limits }: PortableOpening<OpenOptions>,
  ): Promise<Calls[Name]["returned"]> {
    const sent = model === undefined ? undefined : await portableModel(model, parents, signal);
    const given = { ...sent, limits: portableOptions(limits) } as Calls[Name]["given"];
    return this.connection.call(call, given, { signal }, sent ? [sent.model.buffer] : []);
  }

  private async measure(
    metric: Metric,
    left: PixelSource,
    right: PixelSource,
    { signal, onProgress }: PaceOptions = {},
  ): Promise<number> {
    const { pictures, transfer } = await portablePictures([left, right], signal);
    return this.connection.call("measure", { metric, pictures }, { signal, progress: onProgress }, transfer);
  }

  private async trainHere(
    images: Iterable<PixelSource>,
    options: RemoteTrainOptions,
    team: readonly MessagePort[],
    lost: AbortSignal | undefined,
  ): Promise<ModelFile> {
    const { signal, finish, onProgress, onWarning, onCheckpoint, onSnapshot, from, validation, ...rest } = options;
    const handed: Handed = { training: images, ...(validation && { validation }) };
    const sent = from && (await portableModel(from, undefined, signal));
    const model = sent ? { from: sent.model, parents: sent.parents } : from === null && { from };
    const given = { options: portableOptions(rest), team, ...model };
    const snapshot = onSnapshot && ((model: SentModel) => onSnapshot(modelFile(model)));
    const news = { progress: onProgress, warning: onWarning, checkpoint: onCheckpoint, snapshot };
    return modelFile(await this.connection.call("train", given, { signal, finish, lost, ...news }, team, handed));
  }

  /** Ends the worker at once; calls under way throw `aborted`. */
  terminate(): void {
    this.connection.terminate();
  }
}

/** As in training/team/remote-worker.ts, whose neighbours a page that only talks to workers need not load. */
function endWork(port: MessagePort): void {
  port.postMessage({ order: "end" } satisfies Order);
  port.close();
}
