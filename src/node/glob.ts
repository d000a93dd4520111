import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { globPattern } from "./glob-pattern.js";

const special = /[*?[{]/;

/** Whether a path has signs of a glob: `*`, `?`, `[...]` or `{...}`. */
export const isGlob = (path: string): boolean => special.test(path);

/** Regular files that a glob names (see `globPattern`), in natural order, with `/` between folders; names that begin with a dot are left out. */
export async function findByGlob(glob: string): Promise<string[]> {
  const parts = toSlashes(glob).split("/");
  const fixed = parts.findIndex((part) => special.test(part));
  const root = parts.slice(0, fixed).join("/") || (glob.startsWith("/") ? "/" : ".");
  const isNamed = globPattern(parts.slice(fixed).join("/"));
  const files = await listFiles(root);
  const prefix = fixed === 0 ? "" : `${parts.slice(0, fixed).join("/")}/`;
  return files.filter((file) => isNamed(file)).map((file) => prefix + file);
}

/**
 * All regular files under a folder, relative to it, in natural order ("2.png" before "10.png"); hidden ones are left out. Links are followed, but no folder
 * is entered twice: those that lie in the folder itself come before those that links lead to. A link to nothing counts as a file, so that it is missed.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const links: string[] = [];
  const entered = new Set<string>();
  const visit = async (relative: string): Promise<void> => {
    const real = await realpath(join(folder, relative));
    if (entered.has(real)) return;
    entered.add(real);
    for (const entry of await readdir(real, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) found.push(path);
      else if (entry.isSymbolicLink()) {
        const target = await stat(join(real, entry.name)).catch(() => undefined);
        if (target?.isDirectory()) links.push(path);
        else if (!target || target.isFile()) found.push(path);
      }
    }
  };
  await visit("");
  for (const link of links) await visit(link);
  return found.sort(naturally);
}

const collator = new Intl.Collator("en", { numeric: true });
export const naturally = (left: string, right: string): number =>
  collator.compare(left, right) || (left < right ? -1 : left > right ? 1 : 0);

const toSlashes = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);
