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

type EncodeSettings = { readonly quality: number; readonly effort: number };

/** Encodes pictures in threads of its own, which start with the first picture and keep no process alive that has nothing else to do. */
export class StreamEncoder {
  /** The whole model. */
  readonly model: () => Promise<Model>;
  private team: Team | undefined;

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

  /** Throws as `Codec.encode`. Where a thread ends, others take its place, and the picture is tried once more. */
  async encode(image: DecodedImage, options: EncodeSettings): Promise<Uint8Array> {
    const model = await this.model();
    for (let isFirst = true; ; isFirst = false) {
      this.team ??= new Team(model, this.threads);
      const { team } = this;
      try {
        return await team.encode(image, options);
      } catch (error) {
        const hasFailed = error instanceof IsthmusError && error.code === "worker-failed";
        if ((hasFailed || !team.isReady) && this.team === team) {
          this.team = undefined;
          team.retire();
        }
        if (!hasFailed || !isFirst) throw error;
      }
    }
  }

  /** Ends the threads; a later picture starts others. */
  close(): void {
    this.team?.end();
    this.team = undefined;
  }
}

/** Threads that have the model. */
class Team {
  /** True when all have it. */
  isReady = false;
  private readonly workers: Worker[] = [];
  private readonly pool: Pool;
  private readonly codec: Promise<RemoteCodec>;
  private working = 0;
  private isRetired = false;

  constructor(model: Model, threads: number) {
    this.pool = createPool(
      () => {
        const worker = new Worker(builtFiles.worker, { execArgv: [] });
        this.workers.push(worker);
        return worker;
      },
      { size: threads },
    );
    this.codec = this.pool.loadCodec({ model });
    this.codec.then(
      () => {
        this.isReady = true;
      },
      () => {},
    );
  }

  async encode(image: DecodedImage, options: EncodeSettings): Promise<Uint8Array> {
    this.working++;
    for (const worker of this.workers) worker.ref();
    try {
      return await (await this.codec).encode(image, options);
    } finally {
      this.working--;
      if (this.working === 0) for (const worker of this.workers) worker.unref();
      if (this.working === 0 && this.isRetired) this.end();
    }
  }

  /** Takes no further picture; those that are under way are finished. */
  retire(): void {
    this.isRetired = true;
    if (this.working === 0) this.end();
  }

  end(): void {
    this.pool.terminate();
  }
}
