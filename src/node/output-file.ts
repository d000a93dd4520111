import { constants, type Stats } from "node:fs";
import {
  access,
  chmod,
  chown,
  type FileHandle,
  link,
  lstat,
  mkdtemp,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { IsthmusError, throwIfAborted } from "../ground/errors.js";
import { errno, unwritable } from "./files.js";
import { partialName } from "./partial-files.js";

export interface WriteOptions {
  /** Replace a file that exists. Default true. False holds also where another process creates the file meanwhile. */
  readonly overwrite?: boolean | undefined;
  /**
   * Called where a file has to be written in place: it has other names (hard links), an owner that cannot be kept, or is mounted by itself, or its folder
   * takes no new files. A crash may leave half of such a file.
   */
  readonly onInPlace?: ((path: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a whole file or nothing: into a temporary file beside it, which then takes its name, its permissions and its owner. Links are followed. What is
 * no regular file, such as a pipe, is written to directly; see `onInPlace` for the files that have to be. Throws `output-exists` (with
 * `overwrite: false`), `output-unwritable` or `aborted`; leaves nothing behind then.
 */
export async function writeBytes(path: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
  await writeTo(path, options, {
    whole: (target) => writeHandle(target, "wx", (file) => file.writeFile(bytes, { signal: options.signal })),
    direct: (file) => file.writeFile(bytes, { signal: options.signal }),
  });
}

/** As `writeBytes`, for content that `write` puts into a file of the name that it is given. */
export async function writeFile(
  path: string,
  options: WriteOptions,
  write: (target: string) => Promise<unknown>,
): Promise<void> {
  await writeTo(path, options, {
    whole: async (target) => {
      await writeHandle(target, "wx", async () => {});
      await write(target);
      await writeHandle(target, "r+", async () => {});
    },
    direct: async (file) => {
      const folder = await mkdtemp(join(tmpdir(), "isthmus-output-"));
      try {
        const whole = join(folder, basename(path));
        await write(whole);
        await copyInto(file, whole);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  });
}

/** Throws the error that writing `path` would meet, as far as it can be told beforehand. */
export async function checkWritable(path: string, overwrite: boolean): Promise<void> {
  const target = await findTarget(path);
  refuseExisting(path, target, overwrite);
  const canWrite = (name: string): Promise<unknown> =>
    access(name, constants.W_OK).then(
      () => undefined,
      (cause) => cause,
    );
  const problem = target.isDirect ? await canWrite(target.path) : await canWrite(dirname(target.path));
  if (problem && (target.isDirect || !target.found || (await canWrite(target.path)))) throw unwritable(path, problem);
}

interface Target {
  /** Where the data belongs, once all links have been followed. */
  readonly path: string;
  /** What is there; undefined where nothing is. */
  readonly found: Stats | undefined;
  /** Written to as it is, and never replaced: pipes, devices, and whatever a process has opened already. */
  readonly isDirect: boolean;
}

interface Content {
  /** Makes a new file of a name, and leaves it on the disk itself. */
  whole(target: string): Promise<void>;
  /** Writes into a file that is open. */
  direct(file: FileHandle): Promise<unknown>;
}

async function writeTo(path: string, options: WriteOptions, content: Content): Promise<void> {
  throwIfAborted(options.signal);
  const target = await findTarget(path);
  refuseExisting(path, target, options.overwrite ?? true);
  try {
    if (target.isDirect) await writeHandle(target.path, target.found?.isFile() ? "a" : "w", content.direct, false);
    else await replace(path, target, options, content);
  } catch (cause) {
    if (cause instanceof IsthmusError) throw cause;
    throwIfAborted(options.signal);
    throw unwritable(path, cause);
  }
}

async function replace(path: string, target: Target, options: WriteOptions, content: Content): Promise<void> {
  const partial = join(dirname(target.path), partialName());
  const { found } = target;
  try {
    const isMade = await content.whole(partial).then(
      () => true,
      (cause) => {
        // The folder may take no new files where the file itself may be written.
        if (found && ["EACCES", "EPERM", "EROFS"].includes(errno(cause) ?? "")) return false;
        throw cause;
      },
    );
    throwIfAborted(options.signal);
    if (!isMade) return await writeInPlace(target, options, content.direct);
    const inPlace = () => writeInPlace(target, options, (file) => copyInto(file, partial));
    if (!found) await (options.overwrite === false ? createFrom(partial, target.path) : rename(partial, target.path));
    else if (found.nlink > 1 || !(await takeOver(partial, found, target.path))) return await inPlace();
    else {
      const isMounted = await rename(partial, target.path).then(
        () => false,
        (cause) => {
          if (errno(cause) === "EBUSY") return true;
          throw cause;
        },
      );
      if (isMounted) return await inPlace();
    }
    await syncFolder(dirname(target.path));
  } catch (cause) {
    throw options.overwrite === false && errno(cause) === "EEXIST" ? existing(path) : cause;
  } finally {
    await unlink(partial).catch(() => {});
  }
}

async function writeInPlace(
  { path }: Target,
  { onInPlace }: WriteOptions,
  write: (file: FileHandle) => Promise<unknown>,
): Promise<void> {
  onInPlace?.(path);
  await writeHandle(path, "r+", async (file) => {
    await file.truncate(0);
    await write(file);
  });
}

/** Gives a name to a new file, whole, where no other has it: by a second name, or by a place that is held until it is there. */
async function createFrom(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (cause) {
    if (errno(cause) === "EEXIST") throw cause;
    // A file system without second names.
    await (await open(path, "wx")).close();
    await rename(partial, path);
  }
}

/** Gives a new file the permissions and the owner of the one that it is to replace; false where it cannot, and that one may be written itself. */
async function takeOver(partial: string, found: Stats, path: string): Promise<boolean> {
  const made = await stat(partial);
  try {
    if (made.uid !== found.uid || made.gid !== found.gid) await chown(partial, found.uid, found.gid);
    if (made.mode !== found.mode) await chmod(partial, found.mode & 0o7777);
    return true;
  } catch {
    return access(path, constants.W_OK).then(
      () => false,
      () => true,
    );
  }
}

async function writeHandle(
  path: string,
  flags: string,
  write: (file: FileHandle) => Promise<unknown>,
  isKept = true,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await write(file);
    // A name that lasts through a crash is worth nothing before the data does.
    if (isKept) await file.sync();
  } finally {
    await file.close();
  }
}

async function copyInto(file: FileHandle, source: string): Promise<void> {
  const from = await open(source);
  try {
    for await (const piece of from.createReadStream({ autoClose: false })) await file.writeFile(piece);
  } finally {
    await from.close();
  }
}

/** Not every system lets folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder).catch(() => undefined);
  await file?.sync().catch(() => {});
  await file?.close();
}

const mostLinks = 40;

/** Follows links, also those that lead to nothing yet. */
async function findTarget(path: string): Promise<Target> {
  let at = path;
  for (let links = 0; links <= mostLinks; links++) {
    const entry = await lstat(at).catch((cause) => {
      if (errno(cause) === "ENOENT") return undefined;
      throw unwritable(path, cause);
    });
    if (!entry) return { path: at, found: undefined, isDirect: false };
    // What the files here stand for is open already: another file of that name would be none of it.
    const isOpened = /^\/(dev|dev\/fd|proc\/.*)$/.test(await realpath(dirname(at)));
    if (!entry.isSymbolicLink() || isOpened) {
      const found = entry.isSymbolicLink() ? await stat(at).catch(() => undefined) : entry;
      if (found?.isDirectory()) {
        throw new IsthmusError("output-unwritable", `Expected a file name for the output but ${path} is a folder`);
      }
      return { path: at, found, isDirect: isOpened || !found?.isFile() };
    }
    at = resolve(await realpath(dirname(at)), await readlink(at));
  }
  throw unwritable(path, Object.assign(new Error("too many links lead on from it"), { code: "ELOOP" }));
}

function refuseExisting(path: string, { found, isDirect }: Target, overwrite: boolean): void {
  if (found && !isDirect && !overwrite) throw existing(path);
}

const existing = (path: string): IsthmusError =>
  new IsthmusError("output-exists", `Expected no file at ${path} but there is one`);
