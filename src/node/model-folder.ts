import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { IsthmusError } from "../errors.js";
import type { ModelStore } from "../exchange/receiver.js";
import { readBytes } from "./files.js";
import { writeBytes } from "./output-file.js";

/** Model files in a folder, `ID.isthm` each, which is made when the first arrives: for the `store` of a receiver. */
export function modelFolder(folder: string): ModelStore {
  const pathOf = (id: string): string => join(folder, `${id}.isthm`);
  return {
    async get(id) {
      try {
        return await readBytes(pathOf(id));
      } catch (error) {
        if (error instanceof IsthmusError && error.code === "file-not-found") return undefined;
        throw error;
      }
    },
    async set(id, file) {
      await mkdir(folder, { recursive: true });
      await writeBytes(pathOf(id), file);
    },
  };
}
