import { loadModel, type Model, type ModelLimits } from "../index.js";
import { readBytes } from "./files.js";

/**
 * Reads a model file. Throws `file-not-found`, `file-unreadable`, or what `loadModel` throws where the file is not a model.
 */
export async function openModel(path: string, limits?: Pick<ModelLimits, "maxModelBytes">): Promise<Model> {
  return loadModel(await readBytes(path), limits);
}
