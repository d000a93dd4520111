import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import { errno, unreadable } from "./files.js";
import { findByGlob, isGlob, listFiles } from "./glob.js";

/** Extensions by which image files are told from others in a folder. */
export const imageExtensions = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".gif"];

export interface FoundFile {
  readonly path: string;
  /** Where the file lies below the folder it was found in; its name alone where it was named itself. */
  readonly relative: string;
}

/**
 * Files that paths, folders (searched recursively) and globs name, in the order given and natural order within each.
 * In folders and globs only files with one of `extensions` count; a file named itself always does.
 * Throws `file-not-found` for a name that leads to nothing.
 */
export async function findFiles(source: string, extensions: readonly string[]): Promise<FoundFile[]> {
  const accepted = (path: string): boolean => extensions.includes(extname(path).toLowerCase());
  const kind = await kindOf(source);
  if (kind === "file") return [{ path: source, relative: fileName(source) }];
  try {
    if (kind === "folder") {
      const files = (await listFiles(source)).filter(accepted);
      return files.map((relative) => ({ path: `${source.replace(/\/+$/, "")}/${relative}`, relative }));
    }
    const paths = (await findByGlob(source)).filter(accepted);
    if (paths.length > 0) return paths.map((path) => ({ path, relative: fileName(path) }));
  } catch (cause) {
    throw unreadable(source, cause);
  }
  throw new IsthmusError("file-not-found", `Expected files that match ${source} but found none`);
}

/** A name that exists is taken as it is, even where it looks like a glob. */
async function kindOf(source: string): Promise<"file" | "folder" | "glob"> {
  try {
    return (await stat(source)).isDirectory() ? "folder" : "file";
  } catch (cause) {
    if (errno(cause) === "ENOENT" && isGlob(source)) return "glob";
    throw unreadable(source, cause);
  }
}

const fileName = (path: string): string => path.split(/[\\/]/).at(-1)!;
