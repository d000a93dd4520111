import { loadDecodingKernels } from "../kernels/decoding.js";
import type { ModelLimits } from "../limits.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { Decoder } from "./decoder.js";

/**
 * A decoder over a model, whole or a receiver's half, on kernels that do nothing else.
 * @throws IsthmusError as `ReceiverModel.read`, `memory-exceeded` or `unsupported-engine`
 */
export async function createDecoder(model: ReceiverModel | Uint8Array, limits: ModelLimits = {}): Promise<Decoder> {
  const read = model instanceof ReceiverModel ? model : ReceiverModel.read(model, limits);
  return Decoder.over(read, await loadDecodingKernels(limits));
}
