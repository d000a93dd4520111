import type { OpenOptions } from "../limits.js";
import { limitOf } from "../limits.js";
import { Model } from "../models/model.js";
import { checkOpening } from "../models/model-source.js";
import { readBytes } from "./read-bytes.js";

/**
 * Reads a model file, with breath in between. A longer one than `maxModelBytes` is refused by its length. Throws `file-not-found`, `file-unreadable`,
 * `aborted`, or what `loadModel` throws where the file is not a model.
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<Model> {
  checkOpening(options, "openModel");
  const mostBytes = limitOf("maxModelBytes", options.maxModelBytes);
  return Model.open(
    await readBytes(path, { signal: options.signal, mostBytes, tooLong: "invalid-model" }),
    options,
    true,
  );
}
