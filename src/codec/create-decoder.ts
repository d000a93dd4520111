import { loadDecodingKernels } from "../kernels/decoding.js";
import { type ModelSource, readModel } from "../models/model-source.js";
import type { Opening } from "../models/parents.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { Decoder } from "./decoder.js";

/**
 * A decoder over a model, whole or a receiver's half, on kernels that do nothing else.
 * @throws IsthmusError as `ReceiverModel.open`, `memory-exceeded`, `unsupported-engine` or `aborted`
 */
export async function createDecoder(model: ModelSource, options: Opening = {}): Promise<Decoder> {
  const read = model instanceof ReceiverModel ? model : await ReceiverModel.open(await readModel(model), options, true);
  return Decoder.over(read, await loadDecodingKernels(options), options);
}
