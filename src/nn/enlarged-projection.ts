import type { Kernels } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf } from "./grid.js";
import type { Pass } from "./layer.js";
import { Projection, projectionPass } from "./projection.js";

/**
 * Projections between latents and windows whose colour differences have half the resolution of luma (YCbCr 4:2:0, ITU-R BT.601): half the products and half the
 * weights. Outside of them windows are of RGB pixels, as everywhere.
 */

/** Side of the square windows that rows of so many floats show. */
const sideOf = (halvedFloats: number): number => Math.sqrt(halvedFloats / 1.5);

/** From latents to windows of pixels. */
export class EnlargedProjection extends Projection {
  override readonly kind = "enlarged" as const;

  override infer(input: Grid): Grid {
    return enlarge(this.parameters.kernels, super.infer(input));
  }
}

/** As `projectionPass`. */
export function enlargedPass(layer: EnlargedProjection, input: Grid): Pass {
  const { kernels } = layer.parameters;
  const pass = projectionPass(layer, input);
  return {
    output: enlarge(kernels, pass.output),
    backward(gradient, isFirst) {
      const halved = gridLike(kernels, pass.output);
      const side = sideOf(halved.channels);
      kernels.call.enlargeChromaGradient(rowsOf(gradient), side, gradient.pointer, halved.pointer);
      return pass.backward(halved, isFirst);
    },
  };
}

function enlarge(kernels: Kernels, halved: Grid): Grid {
  const windows = gridLike(kernels, halved, 2 * halved.channels);
  const side = sideOf(halved.channels);
  kernels.call.enlargeChroma(rowsOf(halved), side, halved.pointer, windows.pointer);
  return windows;
}
