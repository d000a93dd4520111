import type { Kernels, Pointer } from "../kernels/kernels.js";
import { ByteProduct } from "./byte-product.js";
import { ByteProjection } from "./byte-projection.js";
import { blueOfCb, lumaShares, redOfCr } from "./colour-differences.js";
import { type Grid, gridLike, rowsOf } from "./grid.js";
import type { Pass } from "./layer.js";
import type { Parameters, Placed } from "./parameters.js";
import { type ProjectionParts, projectionPass } from "./projection.js";

/** From windows of pixels to latents, by way of windows whose colour differences have half the resolution: the mirror image of `EnlargedProjection`. */
export class HalvedProjection extends ByteProjection {
  override readonly kind = "halved" as const;

  constructor(parameters: Parameters, parts: Placed<ProjectionParts>) {
    const [halved, outputs] = parts.linear.weight.shape;
    super(parameters, parts, new ByteProduct(parameters.kernels, 2 * halved, outputs));
  }

  override infer(input: Grid): Grid {
    return super.infer(halve(this.parameters.kernels, input));
  }

  /** Halving is linear, so that bytes of pixels can be projected at once. */
  protected override byteWeights(): Pointer {
    const { linear, parameters } = this;
    return parameters.kernels.memory.place(weightsOfPixels(parameters.read(linear.weight), linear.outputs));
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

/** Weights (samples of a window of pixels, outputs) that do what `weight` (samples of the halved window, outputs) does. */
function weightsOfPixels(weight: Float32Array, outputs: number): Float32Array {
  const side = Math.sqrt(weight.length / outputs / 1.5);
  const half = side / 2;
  const result = new Float32Array(2 * weight.length);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const at = y * side + x;
      const quarter = side * side + (y >> 1) * half + (x >> 1);
      for (let o = 0; o < outputs; o++) {
        // Cb and Cr follow from what blue and red have more than luma.
        const cb = weight[quarter * outputs + o] * (1 / blueOfCb);
        const cr = weight[(quarter + half * half) * outputs + o] * (1 / redOfCr);
        const grey = weight[at * outputs + o] - cb - cr;
        [cr, 0, cb].forEach((own, channel) => {
          result[(3 * at + channel) * outputs + o] = lumaShares[channel] * grey + own;
        });
      }
    }
  return result;
}
