import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import { reasonOf } from "./sharp.js";

/** Calls `work` with a new folder, which is removed in the end with all that it holds. Throws `output-unwritable` where there is no room for one. */
export async function withTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await temporaryFolder();
  try {
    return await work(folder);
  } finally {
    await removeFolder(folder);
  }
}

export async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "isthmus-rows-"));
  } catch (cause) {
    throw new IsthmusError("output-unwritable", `Expected room for temporary files but ${reasonOf(cause)}`, { cause });
  }
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
