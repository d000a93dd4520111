import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, viewOf } from "../ground/byte-source.js";
import { type ErrorCode, expected, IsthmusError, throwIfAborted } from "../ground/errors.js";
import { errno, unreadable } from "./files.js";

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Longer files are refused, by their length before anything is read where they have one. Default 2^30. */
  readonly mostBytes?: number | undefined;
  /** Of the error for longer files. Default `file-unreadable`. */
  readonly tooLong?: ErrorCode;
}

const mostFileBytes = 1 << 30;
/** Read at once: between pieces the signal is looked at. */
const pieceBytes = 1 << 22;
/** Milliseconds between two looks at a pipe that has nothing to say. */
const pause = 10;

/**
 * Reads a whole file, a pipe to its end. Throws `file-not-found`, `file-unreadable`, `aborted`, or `tooLong` for what is longer than `mostBytes`.
 */
export async function readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
  if (typeof path !== "string") throw expected("a path", "path", path);
  const { signal, mostBytes = mostFileBytes, tooLong = "file-unreadable" } = options;
  throwIfAborted(signal);
  const refuse = (length: string | number) =>
    new IsthmusError(tooLong, `Expected at most ${mostBytes} bytes in ${path} but there are ${length}`);
  let file: FileHandle | undefined;
  try {
    // Whoever opens a pipe in the usual way waits, deaf, until somebody writes to it.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (found.isFile() && found.size > mostBytes) throw refuse(found.size);
    // Of a named pipe that nobody has written to yet the end is not the end.
    let isWaiting = found.isFIFO() && !/^\/(dev|proc)\//.test(path);
    let bytes = new Uint8Array(found.isFile() ? found.size + 1 : 1 << 16);
    let filled = 0;
    for (;;) {
      throwIfAborted(signal);
      if (filled === bytes.length) bytes = twiceAsLong(bytes);
      const read = await readSome(file, bytes, filled);
      if (read === 0 && !isWaiting) return bytes.slice(0, filled);
      if (read > 0) isWaiting = false;
      else await wait(pause);
      filled += Math.max(0, read);
      if (filled > mostBytes) throw refuse("more");
    }
  } catch (cause) {
    throwIfAborted(signal);
    throw cause instanceof IsthmusError ? cause : unreadable(path, cause);
  } finally {
    await file?.close();
  }
}

/** Bytes read behind the first `filled`: 0 at the end, -1 where there are none at the moment. */
async function readSome(file: FileHandle, bytes: Uint8Array, filled: number): Promise<number> {
  try {
    const { bytesRead } = await file.read(bytes, filled, Math.min(pieceBytes, bytes.length - filled));
    return bytesRead;
  } catch (error) {
    if (errno(error) === "EAGAIN") return -1;
    throw error;
  }
}

function twiceAsLong(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(2 * bytes.length);
  longer.set(bytes);
  return longer;
}

/** The bytes of an image file that is named by its path or handed in. Throws as `readBytes`. */
export async function readSource(source: string | Bytes, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (typeof source === "string") return readBytes(source, { signal });
  const view = viewOf(source);
  if (view) return view;
  throw expected("a path or bytes", "image", source);
}
