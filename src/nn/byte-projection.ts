import type { Steps } from "../ground/steps.js";
import type { Pointer } from "../kernels/kernels.js";
import { ByteProduct } from "./byte-product.js";
import type { Parameters, Placed } from "./parameters.js";
import { Projection, type ProjectionParts } from "./projection.js";

/** A projection without a branch that can take windows of bytes of a picture, too. */
export class ByteProjection extends Projection {
  private readonly bytes: ByteProduct;
  private bytesAreStale = true;

  /** `bytes`: the product, where its inputs are more than those of the projection. */
  constructor(parameters: Parameters, parts: Placed<ProjectionParts>, bytes?: ByteProduct) {
    super(parameters, parts);
    this.bytes = bytes ?? new ByteProduct(parameters.kernels, this.linear.inputs, this.linear.outputs);
    parameters.packed.push(this);
  }

  *packing(): Steps<void> {
    this.bytesAreStale = true;
    yield;
  }

  /** The product for windows of bytes. */
  get byteProduct(): ByteProduct {
    const { linear, parameters, bytes } = this;
    const { memory } = parameters.kernels;
    if (this.bytesAreStale) memory.scope(() => bytes.prepare(this.byteWeights(), linear.bias.value));
    this.bytesAreStale = false;
    return bytes;
  }

  /** The weights of the product, (bytes of a window, outputs), in the caller's part of the arena at the latest. */
  protected byteWeights(): Pointer {
    return this.linear.weight.value;
  }
}
