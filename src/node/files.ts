import { realpath } from "node:fs/promises";
import { IsthmusError } from "../ground/errors.js";
import { reasonOf } from "./sharp.js";

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
  const reason = reasons[errno(cause) ?? errnoOfText(cause) ?? ""] ?? reasonOf(cause);
  return new IsthmusError("output-unwritable", `Expected to write ${path} but ${reason}`, { cause });
}

/** sharp hands on what the system said as text. */
function errnoOfText(cause: unknown): string | undefined {
  const said = { ENOSPC: "No space left on device", EDQUOT: "Disk quota exceeded", EFBIG: "File too large" };
  return Object.entries(said).find(([, text]) => cause instanceof Error && cause.message.includes(text))?.[0];
}

/** Whether sharp failed because of what it wrote, not of what it read. */
export const isWriteFailure = (cause: unknown): boolean =>
  cause instanceof Error && /write failed|unable to open for write/.test(cause.message);

export function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Whether two paths lead to one file that exists. */
export async function isSameFile(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([left, right].map((path) => realpath(path).catch(() => undefined)));
  return a !== undefined && a === b;
}
