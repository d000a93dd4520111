import { expected, IsthmusError } from "../ground/errors.js";
import { findFiles, imageExtensions } from "./find-files.js";

/** The image files of folders (searched recursively), globs and files, in natural order. Throws `file-not-found` for a name that leads to nothing. */
export async function imagePaths(sources: string | readonly string[]): Promise<string[]> {
  const list = typeof sources === "string" ? [sources] : sources;
  if (!Array.isArray(list) || list.some((source) => typeof source !== "string")) {
    throw expected("a path or an array of paths", "sources", sources);
  }
  const found = await Promise.all(list.map((source) => findFiles(source, imageExtensions)));
  return found.flat().map(({ path }) => path);
}

/** What to say where none of the files that were found is an image. */
export function nothingIn(sources: string | readonly string[], paths: readonly string[]): IsthmusError {
  const reason = paths.length === 0 ? "no image file" : `${paths.length} files, none of them readable`;
  return new IsthmusError(
    "invalid-training-set",
    `Expected images in ${[sources].flat().join(", ")} but found ${reason}`,
  );
}

/** Of an image file itself, not of what surrounds it: what may be left out of a set. */
export const isFault = (error: unknown): error is IsthmusError =>
  error instanceof IsthmusError && error.code !== "aborted" && error.code !== "dependency-missing";
