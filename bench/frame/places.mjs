import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The absolute path of a file or folder of the repository. */
export const place = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Works in a new folder, which is gone afterwards. */
export async function inFolder(name, work) {
  const folder = await mkdtemp(join(tmpdir(), `isthmus-${name}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
