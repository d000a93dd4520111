import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import { errno, unreadable, unwritable } from "../node/files.js";
import { writeBytes } from "../node/output-file.js";
import { removeOldPartials } from "../node/partial-files.js";
import type { Tell } from "./tell-seldom.js";

const digestBytes = 32;
/** Names that the cache gives. Whatever else lies in the folder is left alone, but for files that a crash left half written. */
const entryName = /^[0-9a-f]{32}\.cached$/;

/** Bytes with the digest that tells them from all others. */
export interface Kept {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly digest: Uint8Array;
}

export const keptOf = (bytes: Uint8Array): Kept => ({ bytes, digest: createHash("sha256").update(bytes).digest() });

/**
 * A folder of files that can be made again, at most so many bytes of them, those that were used last. A file that is damaged is removed, one that cannot be
 * written is done without, and both are told. Several processes may share a folder; then each adds what it writes to what it saw when it looked last.
 */
export class DiskCache {
  /** Bytes in the folder, as far as they are known; undefined before the first look. */
  private bytes: number | undefined;
  private readonly used = new Map<string, number>();
  private trimming: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
    private readonly tell: Tell,
  ) {}

  /** What was kept under a key of 32 hexadecimal digits; undefined where there is nothing, or nothing whole. */
  async get(key: string): Promise<Kept | undefined> {
    const path = this.pathOf(key);
    let file: Uint8Array;
    try {
      file = await readFile(path);
    } catch (cause) {
      // Whatever stands in the way of the folder is told when something is to be written.
      if (!["ENOENT", "ENOTDIR"].includes(errno(cause) ?? "")) this.tell(unreadable(path, cause));
      return undefined;
    }
    const [digest, bytes] = [file.subarray(0, digestBytes), file.subarray(digestBytes)];
    const kept = keptOf(bytes);
    if (Buffer.compare(kept.digest, digest) === 0) {
      this.used.set(`${key}.cached`, Date.now());
      return kept;
    }
    await unlink(path).catch(() => {});
    this.tell(
      new IsthmusError("corrupt", `Expected a whole file at ${path} but its checksum differs: it is made again`),
    );
    return undefined;
  }

  /** Keeps bytes under a key. Never fails: what cannot be kept is made again next time. */
  async set(key: string, { bytes, digest }: Kept): Promise<void> {
    if (digestBytes + bytes.length > this.maxBytes) return;
    const path = this.pathOf(key);
    const file = new Uint8Array(digestBytes + bytes.length);
    file.set(digest);
    file.set(bytes, digestBytes);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeBytes(path, file);
    } catch (cause) {
      return this.tell(cause instanceof IsthmusError ? cause : unwritable(path, cause));
    }
    this.used.set(`${key}.cached`, Date.now());
    if (this.bytes !== undefined) this.bytes += file.length;
    if (this.bytes !== undefined && this.bytes <= this.maxBytes) return;
    this.trimming ??= this.trim().finally(() => {
      this.trimming = undefined;
    });
    await this.trimming;
  }

  /** Looks at the folder, and removes what was used longest ago until the rest leaves a tenth free. */
  private async trim(): Promise<void> {
    const found: { name: string; bytes: number; used: number }[] = [];
    try {
      await removeOldPartials(this.folder);
      for (const name of await readdir(this.folder)) {
        if (!entryName.test(name)) continue;
        const file = await stat(join(this.folder, name)).catch(() => undefined);
        if (file) found.push({ name, bytes: file.size, used: Math.max(file.mtimeMs, this.used.get(name) ?? 0) });
      }
    } catch (cause) {
      return this.tell(unreadable(this.folder, cause));
    }
    let bytes = found.reduce((sum, entry) => sum + entry.bytes, 0);
    const most = bytes > this.maxBytes ? 0.9 * this.maxBytes : this.maxBytes;
    for (const { name, bytes: size } of found.sort((a, b) => a.used - b.used)) {
      if (bytes <= most) break;
      await unlink(join(this.folder, name)).catch(() => {});
      this.used.delete(name);
      bytes -= size;
    }
    this.bytes = bytes;
  }

  private readonly pathOf = (key: string): string => join(this.folder, `${key}.cached`);
}
