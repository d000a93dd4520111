import { randomBytes } from "node:crypto";
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

const hour = 3_600_000;
const pattern = /^\.isthmus-[0-9a-f]+\.partial$/;

/** A name for a file that is being written; one of its own, because that of the file may be as long as names can be. */
export const partialName = (): string => `.isthmus-${randomBytes(6).toString("hex")}.partial`;

/** Removes what writers that were killed left behind in a folder: files of `partialName` that nobody has touched for an hour. Throws what reading the folder throws. */
export async function removeOldPartials(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!pattern.test(name)) continue;
    const path = join(folder, name);
    const file = await stat(path).catch(() => undefined);
    if (file && Date.now() - file.mtimeMs > hour) await unlink(path).catch(() => {});
  }
}
