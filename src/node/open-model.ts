import { limitOf } from "../ground/limits.js";
import { Model } from "../models/model.js";
import type { OpenOptions } from "../models/model-source.js";
import { checkOpening } from "../models/model-source.js";
import { readBytes } from "./read-bytes.js";

/**
 * Reads a model file, with breath in between. A longer one than `maxModelBytes` is refused by its length. Throws `file-not-found`, `file-unreadable`,
 * `aborted`, or what `loadModel` throws where the file is not a model.
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<Model> {
  checkOpening(options, "openModel");
  return Model.open(await readModelBytes(path, options), options, true);
}

/** The file of a model, unless it is longer than `maxModelBytes`. */
export const readModelBytes = (path: string, { signal, maxModelBytes }: OpenOptions): Promise<Uint8Array> =>
  readBytes(path, { signal, mostBytes: limitOf("maxModelBytes", maxModelBytes), tooLong: "invalid-model" });
