import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ModelStore } from "../exchange/receiver.js";
import { expected, IsthmusError } from "../ground/errors.js";
import { writeBytes } from "./output-file.js";
import { readBytes } from "./read-bytes.js";

/** What ids look like; nothing else may become a part of a path. */
const isId = (id: string): boolean => /^[0-9a-f]{16}$/.test(id);

/**
 * Model files in a folder, `ID.isthm` each, which is made when the first arrives: for the `store` of a receiver. What is no id (16 hexadecimal digits) is
 * not found, and `invalid-parameter` where a model is to be stored under it.
 */
export function modelFolder(folder: string): ModelStore {
  const pathOf = (id: string): string => join(folder, `${id}.isthm`);
  return {
    async get(id) {
      if (!isId(id)) return undefined;
      try {
        return await readBytes(pathOf(id));
      } catch (error) {
        if (error instanceof IsthmusError && error.code === "file-not-found") return undefined;
        throw error;
      }
    },
    async set(id, file) {
      if (!isId(id)) throw expected("16 hexadecimal digits", "the id of a model", id);
      await mkdir(folder, { recursive: true });
      await writeBytes(pathOf(id), file);
    },
  };
}
