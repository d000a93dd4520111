import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { IsthmusError } from "../ground/errors.js";
import { once } from "../ground/once.js";
import type { DecodedImage } from "../image/image.js";
import { defaultModel } from "../models/default-model.js";
import { Model } from "../models/model.js";
import { type ModelSource, readModel } from "../models/model-source.js";
import type { RemoteCodec } from "../worker/opened.js";
import { createPool, type Pool } from "../worker/pool.js";
import { builtFiles } from "./built-files.js";

/** Threads that leave one core to whoever answers requests. */
export const usualThreads = (): number => Math.max(1, Math.min(4, availableParallelism() - 1));

/** Encodes pictures in threads of its own, which start with the first picture and keep no process alive that has nothing else to do. */
export class StreamEncoder {
  /** The whole model. */
  readonly model: () => Promise<Model>;
  private workers: Worker[] = [];
  private pool: Pool | undefined;
  private codec: Promise<RemoteCodec> | undefined;
  private working = 0;

  constructor(
    model: ModelSource | undefined,
    private readonly threads: number,
  ) {
    this.model = once(async () => {
      if (model === undefined) return defaultModel();
      // A model that is open has its parents, which its bytes alone may lack.
      return model instanceof Model ? model : Model.open(await readModel(model), {}, true);
    });
  }

  /** Throws as `Codec.encode`. Threads that ended are replaced once. */
  async encode(image: DecodedImage, options: { readonly quality: number; readonly effort: number }) {
    try {
      return await this.attempt(image, options);
    } catch (error) {
      if (!(error instanceof IsthmusError && error.code === "worker-failed")) throw error;
      this.close();
      return this.attempt(image, options);
    }
  }

  /** Ends the threads; a later picture starts others. */
  close(): void {
    this.pool?.terminate();
    this.pool = undefined;
    this.codec = undefined;
    this.workers = [];
  }

  private async attempt(
    image: DecodedImage,
    options: { readonly quality: number; readonly effort: number },
  ): Promise<Uint8Array> {
    this.working++;
    try {
      this.codec ??= this.start();
      for (const worker of this.workers) worker.ref();
      return await (await this.codec).encode(image, options);
    } finally {
      this.working--;
      if (this.working === 0) for (const worker of this.workers) worker.unref();
    }
  }

  private start(): Promise<RemoteCodec> {
    this.pool = createPool(
      () => {
        const worker = new Worker(builtFiles.worker, { execArgv: [] });
        this.workers.push(worker);
        return worker;
      },
      { size: this.threads },
    );
    const { pool } = this;
    const codec = this.model().then((model) => pool.loadCodec({ model }));
    // What failed may succeed for the next picture.
    codec.catch(() => {
      if (this.codec === codec) this.close();
    });
    return codec;
  }
}
