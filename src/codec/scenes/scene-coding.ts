import { IsthmusError } from "../../ground/errors.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { Turns } from "../../kernels/turns.js";
import type { ModelConfiguration } from "../../models/configuration.js";
import type { ReceiverNetwork } from "../../models/receiver-network.js";
import type { TableBank } from "../../models/tables.js";

/** What a decoder lends to the scenes that it decodes, or a codec to those that it encodes. */
export interface SceneCoding<Layers extends ReceiverNetwork = ReceiverNetwork> {
  readonly network: Layers;
  readonly turns: Turns;
  readonly model: { readonly tables: TableBank };
  /** The model's table bank in kernel memory. */
  readonly tables: Pointer;
  /** What the contexts of every plane start from. */
  readonly planeCells: Uint32Array;
  /** What the most probable symbol costs. */
  readonly leastBits: number;
}

/** Throws `model-unsuited` for a model whose pictures cannot be frames of a scene. */
export function checkSceneModel({ fixedSize, coarser }: ModelConfiguration): void {
  if (!fixedSize && !coarser) return;
  throw new IsthmusError(
    "model-unsuited",
    `Expected a model of pictures of any size, of one level of latents, for a scene but received one of ${fixedSize ? "one size" : "several levels"}`,
  );
}
