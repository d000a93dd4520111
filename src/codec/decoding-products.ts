import { expected } from "../ground/errors.js";
import { ReceiverModel } from "../models/receiver-model.js";
import { receiverTensors } from "../models/receiver-network.js";
import { gridSize, type Size } from "../models/tiling.js";

/**
 * Multiplications that decoding a picture of `width` x `height` pixels takes at most, which are nearly all of its time: each weight of the receiver's half of the
 * model counts once for each patch of the picture. A core makes some 10^10 of them in a second. Lossless pictures take none.
 * @throws IsthmusError `invalid-parameter` for what is no model, and for what is no size
 */
export function decodingProducts(model: ReceiverModel, size: Size): number {
  if (!(model instanceof ReceiverModel)) throw expected("a model", "model", model);
  const { width, height } = size ?? {};
  if (!(isSide(width) && isSide(height))) throw expected("sides of at least 1 pixel", "size", size);
  const { configuration } = model;
  const cells = gridSize(configuration, { width, height });
  return cells.width * cells.height * receiverTensors(configuration).reduce((sum, { count }) => sum + count, 0);
}

const isSide = (side: unknown): boolean => typeof side === "number" && side >= 1;
