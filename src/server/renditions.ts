import { createHash } from "node:crypto";
import { IsthmusError } from "../ground/errors.js";
import { readImage } from "../node/read-image.js";
import { encodePreview, previewToText } from "../preview.js";
import { DiskCache, type Kept, keptOf } from "./disk-cache.js";
import { MemoryCache } from "./memory-cache.js";
import type { Picture } from "./picture-files.js";
import { type Rendition, type RenditionSettings, render, settingsOf } from "./rendition.js";
import type { StreamEncoder } from "./stream-encoder.js";
import type { Tell } from "./tell-seldom.js";
import { Workload } from "./workload.js";

/** Counted up where the same settings make other bytes. */
const cacheVersion = 1;
const keyOf = (facts: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify([cacheVersion, facts]))
    .digest("hex")
    .slice(0, 32);

export interface RenditionsOptions {
  readonly settings: RenditionSettings;
  readonly cacheFolder?: string | undefined;
  readonly maxCacheBytes: number;
  readonly maxMemoryBytes: number;
  readonly threads: number;
  readonly maxWaiting: number;
  readonly tell: Tell;
}

/** Milliseconds for which what could not be made is not tried again, and of how many that is remembered. */
const pause = 60_000;
const mostFailures = 10_000;

interface Failure {
  readonly error: IsthmusError;
  readonly until: number;
}

/** Renditions of pictures by their content: from memory, from the disk, or made, each once however many ask. */
export class Renditions {
  private readonly failures = new MemoryCache<Failure>(mostFailures);
  private readonly memory: MemoryCache<Kept>;
  private readonly disk: DiskCache | undefined;
  private readonly workload: Workload<Kept>;
  private readonly looking = new Map<string, Promise<Kept | undefined>>();

  constructor(
    private readonly read: (picture: Picture) => Promise<Uint8Array>,
    private readonly encoder: StreamEncoder,
    private readonly options: RenditionsOptions,
  ) {
    const { cacheFolder, maxCacheBytes, maxMemoryBytes, threads, maxWaiting, tell } = options;
    this.memory = new MemoryCache(maxMemoryBytes);
    this.disk = cacheFolder === undefined ? undefined : new DiskCache(cacheFolder, maxCacheBytes, tell);
    this.workload = new Workload(threads, maxWaiting);
  }

  /** The file of a rendition. Throws as `render`, and `Busy`. */
  async of(rendition: Rendition, settings = this.options.settings): Promise<Kept> {
    const { picture } = rendition;
    const key = await this.keyOf(rendition, settings);
    return (
      this.memory.get(key) ??
      this.kept(key, picture, async () => render(rendition, await this.read(picture), this.encoder, settings))
    );
  }

  /** 32 hexadecimal digits that tell a file from those of other pictures, sizes, settings and models. */
  async keyOf({ picture, format, width }: Rendition, settings = this.options.settings): Promise<string> {
    const model = format === "isth" ? (await this.encoder.model()).id : undefined;
    return keyOf([picture.digest, format, width, settingsOf(format, settings), model]);
  }

  /** The preview of a picture as text. Throws as `readImage`, and `Busy`. */
  async preview(picture: Picture): Promise<string> {
    const key = keyOf([picture.digest, "preview"]);
    const make = async () => {
      const image = await readImage(await this.read(picture), { name: picture.path });
      return new TextEncoder().encode(previewToText(encodePreview(image)));
    };
    return new TextDecoder().decode((this.memory.get(key) ?? (await this.kept(key, picture, make))).bytes);
  }

  /** What is on the disk need not wait for what is to be made. */
  private async kept(key: string, { digest }: Picture, make: () => Promise<Uint8Array>): Promise<Kept> {
    const looking = this.looking.get(key) ?? this.find(key).finally(() => this.looking.delete(key));
    this.looking.set(key, looking);
    const found = await looking;
    if (found) return found;
    return this.workload.do(key, digest, async () => {
      // Somebody else may have made it since.
      const made = this.memory.get(key) ?? (await this.find(key));
      if (made) return made;
      const failure = this.failures.get(key);
      if (failure && Date.now() < failure.until) throw failure.error;
      const kept = keptOf(await make().catch((error) => this.fail(key, error)));
      this.memory.set(key, kept, kept.bytes.length);
      await this.disk?.set(key, kept);
      return kept;
    });
  }

  /** Remembers an error that would come again: making costs time, or a thread its life. */
  private fail(key: string, error: unknown): never {
    const isLasting = error instanceof IsthmusError && error.code !== "file-unreadable" && error.code !== "aborted";
    if (isLasting) this.failures.set(key, { error, until: Date.now() + pause }, 1);
    throw error;
  }

  private async find(key: string): Promise<Kept | undefined> {
    const found = await this.disk?.get(key);
    if (found) this.memory.set(key, found, found.bytes.length);
    return found;
  }
}
