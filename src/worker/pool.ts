import type { Encoding } from "../codec/search/targets.js";
import type { ByteSource } from "../ground/byte-source.js";
import { expected, throwIfAborted } from "../ground/errors.js";
import { anInteger, checkOptions, type OptionTable } from "../ground/option-table.js";
import { onAbort } from "../ground/signals.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import { isModel, type ModelOptions, type ModelSource } from "../models/model-source.js";
import { type PortableOpening, portableModel } from "../models/portable-model.js";
import type { WorkerLike } from "./connection.js";
import type { ModelFile } from "./messages.js";
import type { RemoteCodec, RemoteDecodeOptions, RemoteEncodeOptions } from "./opened.js";
import { portable, portableBytes } from "./portable.js";
import { type RemoteIsthmus, type RemoteTrainOptions, wrap } from "./remote.js";

export interface PoolOptions {
  /** Workers, 1 .. 64. Default: the processor's cores, 4 at most. */
  readonly size?: number;
}

const poolKinds: OptionTable<PoolOptions> = { size: /* @__PURE__ */ anInteger(1, 64) };

/**
 * Workers that share out a batch: each takes the next call as soon as it has done its last. Pixels in memory are copied when a call is made, so that
 * batches of many pictures are best handed in as files, or a few at a time.
 * `startWorker` makes a `Worker` that runs `isthmus/worker`; it is called once for each of them.
 */
export function createPool(startWorker: () => WorkerLike, options: PoolOptions = {}): Pool {
  if (typeof startWorker !== "function") throw expected("a function that starts a worker", "startWorker", startWorker);
  checkOptions(options, poolKinds, "createPool");
  const cores = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 2;
  const size = options.size ?? Math.min(4, cores);
  return new Pool(Array.from({ length: size }, () => wrap(startWorker())));
}

export class Pool {
  private readonly idle: RemoteIsthmus[];
  private readonly waiting: ((worker: RemoteIsthmus) => void)[] = [];

  /** @internal */
  constructor(private readonly workers: readonly RemoteIsthmus[]) {
    this.idle = [...workers];
  }

  get size(): number {
    return this.workers.length;
  }

  /** A codec over a model, or over the embedded photo model, in every worker. Throws as `loadCodec`. */
  async loadCodec(options: PortableOpening<ModelOptions> | ModelSource = {}): Promise<RemoteCodec> {
    const given: PortableOpening<ModelOptions> = isModel(options) ? { model: options } : options;
    // Read once: an answer can be read no more often.
    const { model: source, signal } = given;
    const read = source === undefined ? undefined : await portableModel(source, given.parents, signal);
    const opening = { ...given, model: read?.model, parents: read?.parents };
    const codecs = await Promise.all(this.workers.map((worker) => worker.loadCodec(opening)));
    const byWorker = new Map(this.workers.map((worker, i) => [worker, codecs[i]]));
    return new PooledCodec(codecs, (work, signal) => this.run((worker) => work(byWorker.get(worker)!), signal));
  }

  /**
   * Trains a model on all workers, with the same result for every number of them. Throws as `train`, and `worker-failed`.
   */
  train(images: Iterable<PixelSource>, options: RemoteTrainOptions = {}): Promise<ModelFile> {
    const [leader, ...others] = this.workers;
    return leader.trainWith(others, images, options);
  }

  /** Ends all workers at once; calls under way and calls that wait throw `aborted`. */
  terminate(): void {
    for (const worker of this.workers) worker.terminate();
    for (const take of this.waiting.splice(0)) take(this.workers[0]);
  }

  private async run<Result>(work: (worker: RemoteIsthmus) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    throwIfAborted(signal);
    const worker = this.idle.pop() ?? (await this.nextIdle(signal));
    try {
      return await work(worker);
    } finally {
      // A worker that has failed would be the quickest to take whatever waits. The last one stays, to say so.
      const usable = !worker.failed || this.workers.every(({ failed }) => failed);
      const next = usable ? this.waiting.shift() : undefined;
      if (next) next(worker);
      else if (usable) this.idle.push(worker);
    }
  }

  /** The first worker to be free, unless the signal is raised before. */
  private nextIdle(signal: AbortSignal | undefined): Promise<RemoteIsthmus> {
    return new Promise((resolve, reject) => {
      const take = (worker: RemoteIsthmus): void => {
        stop();
        resolve(worker);
      };
      const stop = onAbort(signal, () => {
        stop();
        this.waiting.splice(this.waiting.indexOf(take), 1);
        try {
          throwIfAborted(signal);
        } catch (error) {
          reject(error);
        }
      });
      this.waiting.push(take);
    });
  }
}

class PooledCodec implements RemoteCodec {
  constructor(
    private readonly codecs: readonly RemoteCodec[],
    private readonly run: <Result>(
      work: (codec: RemoteCodec) => Promise<Result>,
      signal?: AbortSignal | undefined,
    ) => Promise<Result>,
  ) {}

  get model(): RemoteCodec["model"] {
    return this.codecs[0].model;
  }

  async encode(image: PixelSource, options?: RemoteEncodeOptions): Promise<Uint8Array> {
    return (await this.encodeTo(image, options)).bytes;
  }

  /** Pixels and bytes are those of the moment of the call, however long it waits. */
  async encodeTo(image: PixelSource, options?: RemoteEncodeOptions): Promise<Encoding> {
    const { source } = await portable(image, options?.transfer, options?.signal);
    return this.run((codec) => codec.encodeTo(source, { ...options, transfer: source !== image }), options?.signal);
  }

  async decode(source: ByteSource, options?: RemoteDecodeOptions): Promise<DecodedImage> {
    const bytes = await portableBytes(source, "bytes", options?.transfer);
    return this.run((codec) => codec.decode(bytes, { ...options, transfer: true }), options?.signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.codecs.map((codec) => codec.close()));
  }
}
