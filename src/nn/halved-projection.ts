import type { Kernels } from "../kernels/kernels.js";
import { halvedBytes } from "./byte-product.js";
import { ByteProjection } from "./byte-projection.js";
import { type Grid, gridLike, rowsOf } from "./grid.js";
import type { Pass } from "./layer.js";
import type { Parameters, Placed } from "./parameters.js";
import { type ProjectionParts, projectionPass } from "./projection.js";

/** From windows of pixels to latents, by way of windows whose colour differences have half the resolution: the mirror image of `EnlargedProjection`. */
export class HalvedProjection extends ByteProjection {
  override readonly kind = "halved" as const;

  constructor(parameters: Parameters, parts: Placed<ProjectionParts>) {
    super(parameters, parts, halvedBytes);
  }

  override infer(input: Grid): Grid {
    return super.infer(halve(this.parameters.kernels, input));
  }
}

/** As `projectionPass`; the gradient by the input is nobody's business. */
export function halvedPass(layer: HalvedProjection, input: Grid): Pass {
  return projectionPass(layer, halve(layer.parameters.kernels, input));
}

function halve(kernels: Kernels, windows: Grid): Grid {
  const halved = gridLike(kernels, windows, windows.channels / 2);
  const side = Math.sqrt(windows.channels / 3);
  kernels.call.halveChroma(rowsOf(windows), side, windows.pointer, halved.pointer);
  return halved;
}
