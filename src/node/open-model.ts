import { Model, type OpenOptions } from "../index.js";
import { limitOf, limits } from "../limits.js";
import { readBytes } from "./read-bytes.js";

/**
 * Reads a model file, with breath in between. A longer one than `maxModelBytes` is refused by its length. Throws `file-not-found`, `file-unreadable`,
 * `aborted`, or what `loadModel` throws where the file is not a model.
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<Model> {
  const mostBytes = limitOf("maxModelBytes", options.maxModelBytes, limits.maxModelBytes);
  return Model.open(await readBytes(path, { signal: options.signal, mostBytes, tooLong: "invalid-model" }), options);
}
