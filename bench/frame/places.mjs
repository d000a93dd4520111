import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The absolute path of a file or folder of the repository. */
export const place = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The bytes of a file, such as a model that an option names; undefined where it names none. */
export const bytesAt = async (path) => (path === undefined ? undefined : new Uint8Array(await readFile(path)));

/** The bytes of a golden file. */
export const golden = (name) => bytesAt(place(`test/vectors/golden/${name}`));

/** Works in a new folder, which is gone afterwards. */
export async function inFolder(name, work) {
  const folder = await mkdtemp(join(tmpdir(), `isthmus-${name}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
