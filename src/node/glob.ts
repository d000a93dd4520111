import { readdir } from "node:fs/promises";
import { join } from "node:path";

const special = /[*?[{]/;

/** Whether a path has signs of a glob: `*`, `?`, `[...]` or `{...}`. */
export const isGlob = (path: string): boolean => special.test(path);

/**
 * Regular files that a glob names, in natural order, with `/` between folders. `*` and `?` stay within a name, `**` is any
 * number of folders, `[a-z]` one sign, `{a,b}` either; names that begin with a dot are left out.
 */
export async function findByGlob(glob: string): Promise<string[]> {
  const parts = toSlashes(glob).split("/");
  const fixed = parts.findIndex((part) => special.test(part));
  const root = parts.slice(0, fixed).join("/") || (glob.startsWith("/") ? "/" : ".");
  const pattern = globPattern(parts.slice(fixed).join("/"));
  const files = await listFiles(root);
  const prefix = fixed === 0 ? "" : `${parts.slice(0, fixed).join("/")}/`;
  return files.filter((file) => pattern.test(file)).map((file) => prefix + file);
}

/** All regular files under a folder, relative to it, in natural order ("2.png" before "10.png"); hidden ones are left out. */
export async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
    }
  };
  await visit("");
  return found.sort(naturally);
}

const collator = new Intl.Collator("en", { numeric: true });
export const naturally = (left: string, right: string): number =>
  collator.compare(left, right) || (left < right ? -1 : left > right ? 1 : 0);

function globPattern(glob: string): RegExp {
  let depth = 0;
  const translate = (sign: string): string => {
    if (sign === "**/") return "(?:.*/)?";
    if (sign === "**") return ".*";
    if (sign === "*") return "[^/]*";
    if (sign === "?") return "[^/]";
    if (sign === "{") {
      depth++;
      return "(?:";
    }
    if (sign === "}" && depth > 0) {
      depth--;
      return ")";
    }
    if (sign === ",") return depth > 0 ? "|" : ",";
    if (sign.startsWith("[!")) return `[^${sign.slice(2)}`;
    return sign.startsWith("[") ? sign : `\\${sign}`;
  };
  return new RegExp(`^${glob.replace(/\*\*\/|\*\*|\[!?[^\]]+\]|[*?{},.+^$()|\\[\]]/g, translate)}$`);
}

const toSlashes = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);
