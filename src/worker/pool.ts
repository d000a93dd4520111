import type { Encoding } from "../codec/targets.js";
import { expected, throwIfAborted } from "../errors.js";
import type { DecodedImage } from "../image/image.js";
import type { PixelSource } from "../image/source.js";
import type { WorkerLike } from "./connection.js";
import type { ModelFile } from "./messages.js";
import {
  type ModelSource,
  type RemoteCodec,
  type RemoteDecodeOptions,
  type RemoteEncodeOptions,
  type RemoteIsthmus,
  type RemoteTrainOptions,
  wrap,
} from "./remote.js";

export interface PoolOptions {
  /** Workers, 1 .. 64. Default: the processor's cores, 4 at most. */
  readonly size?: number;
}

/**
 * Workers that share out a batch: each takes the next call as soon as it has done its last, and what waits is not copied yet.
 * `startWorker` makes a `Worker` that runs `isthmus/worker`; it is called once for each of them.
 */
export function createPool(startWorker: () => WorkerLike, options: PoolOptions = {}): Pool {
  if (typeof startWorker !== "function") throw expected("a function that starts a worker", "startWorker", startWorker);
  const cores = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 2;
  const size = options.size ?? Math.min(4, cores);
  if (!Number.isInteger(size) || size < 1 || size > 64) throw expected("an integer between 1 and 64", "size", size);
  return new Pool(Array.from({ length: size }, () => wrap(startWorker())));
}

export class Pool {
  private readonly idle: RemoteIsthmus[];
  private readonly waiting: ((worker: RemoteIsthmus) => void)[] = [];

  constructor(private readonly workers: readonly RemoteIsthmus[]) {
    this.idle = [...workers];
  }

  get size(): number {
    return this.workers.length;
  }

  /** A codec over a model, or over the embedded photo model, in every worker. Throws as `loadCodec`. */
  async loadCodec(options: { model?: ModelSource } = {}): Promise<RemoteCodec> {
    const codecs = await Promise.all(this.workers.map((worker) => worker.loadCodec(options)));
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
    const worker = this.idle.pop() ?? (await new Promise<RemoteIsthmus>((resolve) => this.waiting.push(resolve)));
    try {
      throwIfAborted(signal);
      return await work(worker);
    } finally {
      // A worker that has failed would be the quickest to take whatever waits. The last one stays, to say so.
      const usable = !worker.failed || this.workers.every(({ failed }) => failed);
      const next = usable ? this.waiting.shift() : undefined;
      if (next) next(worker);
      else if (usable) this.idle.push(worker);
    }
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
    return this.run((codec) => codec.encode(image, options), options?.signal);
  }

  async encodeTo(image: PixelSource, options?: RemoteEncodeOptions): Promise<Encoding> {
    return this.run((codec) => codec.encodeTo(image, options), options?.signal);
  }

  async decode(bytes: Uint8Array, options?: RemoteDecodeOptions): Promise<DecodedImage> {
    return this.run((codec) => codec.decode(bytes, options), options?.signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.codecs.map((codec) => codec.close()));
  }
}
