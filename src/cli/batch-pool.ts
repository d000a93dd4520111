import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Codec, createPool, type Pool } from "../index.js";
import type { RemoteCodec } from "../worker/opened.js";

/** What a batch needs of a codec, here or in threads. */
export type BatchCodec = Pick<RemoteCodec, "encodeTo" | "decode">;

/** Each thread starts the kernels and reads the model first, which is worth the while for two files or more. */
const leastFilesPerThread = 2;

/** Threads that share out the files of a batch; none where one thread does as well. */
export class Team {
  /** How many files are worked on at a time. */
  readonly size: number;
  private pool: Pool | undefined;
  private readonly codecs = new Map<string, Promise<RemoteCodec>>();

  /** `threads`: as asked for; by default one for each core. */
  constructor(threads: number | undefined, files: number) {
    this.size = Math.max(1, Math.min(threads ?? availableParallelism(), 64, Math.floor(files / leastFilesPerThread)));
  }

  /** The codec in all threads of the team, or itself where there are none. */
  async codec(codec: Codec): Promise<BatchCodec> {
    if (this.size === 1) return codec;
    // Built beside this file: see tsup.config.ts.
    this.pool ??= createPool(() => new Worker(new URL("./worker-node.js", import.meta.url)), { size: this.size });
    const { id, bytes } = codec.model;
    const loading = this.codecs.get(id) ?? this.pool.loadCodec({ model: bytes });
    this.codecs.set(id, loading);
    // What failed may succeed for the next file.
    loading.catch(() => this.codecs.delete(id));
    return loading;
  }

  /** Ends the threads. */
  end(): void {
    this.pool?.terminate();
  }
}
