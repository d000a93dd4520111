import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IsthmusError, throwIfAborted } from "../errors.js";
import { reasonOf } from "./sharp.js";

/** Reads a whole file. Throws `file-not-found` or `file-unreadable`. */
export async function readBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  throwIfAborted(signal);
  try {
    return plainArray(await readFile(path, { signal }));
  } catch (cause) {
    throwIfAborted(signal);
    throw unreadable(path, cause);
  }
}

/** The same memory without what Node's Buffer changes of Uint8Array: its `slice` copies nothing. */
export const plainArray = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

export function unreadable(path: string, cause: unknown): IsthmusError {
  if (errno(cause) === "ENOENT" || errno(cause) === "ENOTDIR") {
    return new IsthmusError("file-not-found", `Expected a file at ${path} but there is none`, { cause });
  }
  const reason = errno(cause) === "EISDIR" ? "it is a folder" : reasonOf(cause);
  return new IsthmusError("file-unreadable", `Expected a readable file at ${path} but ${reason}`, { cause });
}

export interface WriteOptions {
  /** Replace a file that exists. Default true. */
  readonly overwrite?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a whole file or nothing: into a temporary file beside it, which is then renamed. A device or a pipe is written to
 * directly. Throws `output-exists` (with `overwrite: false`), `output-unwritable` or `aborted`; leaves nothing behind then.
 */
export async function writeBytes(path: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
  await writeFile(path, options, (target, flags) => writeTo(target, flags, bytes, options.signal));
}

/** As `writeBytes`, for content that `write` puts into the file that it is given. */
export async function writeFile(
  path: string,
  options: WriteOptions,
  write: (target: string, flags: "w" | "wx") => Promise<unknown>,
): Promise<void> {
  throwIfAborted(options.signal);
  const target = await resolveTarget(path, options.overwrite ?? true);
  const partial = join(dirname(target.path), `.${basename(target.path)}.${randomBytes(4).toString("hex")}.partial`);
  try {
    if (!target.replaceable) {
      await write(target.path, "w");
      return;
    }
    await write(partial, "wx");
    throwIfAborted(options.signal);
    await rename(partial, target.path);
  } catch (cause) {
    if (target.replaceable) await unlink(partial).catch(() => {});
    if (cause instanceof IsthmusError) throw cause;
    throwIfAborted(options.signal);
    throw unwritable(path, cause);
  }
}

/** Throws the error that writing `path` would meet, as far as it can be told beforehand. */
export async function checkWritable(path: string, overwrite: boolean): Promise<void> {
  const target = await resolveTarget(path, overwrite);
  const written = target.replaceable ? dirname(target.path) : target.path;
  await access(written, constants.W_OK).catch((cause) => {
    throw unwritable(path, cause);
  });
}

/** Follows links, so that renaming replaces the file and not the link; tells devices and pipes, which must not be replaced. */
async function resolveTarget(path: string, overwrite: boolean): Promise<{ path: string; replaceable: boolean }> {
  let real: string;
  try {
    real = await realpath(path);
  } catch (cause) {
    if (errno(cause) === "ENOENT") return { path, replaceable: true };
    throw unwritable(path, cause);
  }
  const found = await stat(real);
  if (found.isDirectory()) {
    throw new IsthmusError("output-unwritable", `Expected a file name for the output but ${path} is a folder`);
  }
  if (!found.isFile()) return { path: real, replaceable: false };
  if (!overwrite) throw new IsthmusError("output-exists", `Expected no file at ${path} but there is one`);
  return { path: real, replaceable: true };
}

async function writeTo(path: string, flags: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(bytes, { signal });
  } finally {
    await file.close();
  }
}

export function unwritable(path: string, cause: unknown): IsthmusError {
  const reasons: Record<string, string> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the quota is used up",
    EFBIG: "the file would be larger than allowed",
    EACCES: "permission was denied",
    EPERM: "permission was denied",
    EROFS: "the file system is read-only",
    ENOENT: "its folder does not exist",
    ENOTDIR: "a part of its path is not a folder",
    ENAMETOOLONG: "the name is too long",
  };
  const reason = reasons[errno(cause) ?? ""] ?? reasonOf(cause);
  return new IsthmusError("output-unwritable", `Expected to write ${path} but ${reason}`, { cause });
}

export function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
