import type { Steps } from "../ground/steps.js";
import { type ByteInputs, ByteProduct, wholeBytes } from "./byte-product.js";
import type { Parameters, Placed } from "./parameters.js";
import { Projection, type ProjectionParts } from "./projection.js";

/** A projection without a branch that can take windows of bytes of a picture, too. */
export class ByteProjection extends Projection {
  private readonly bytes: ByteProduct;
  private bytesAreStale = true;

  constructor(
    parameters: Parameters,
    parts: Placed<ProjectionParts>,
    inputs: (count: number) => ByteInputs = wholeBytes,
  ) {
    super(parameters, parts);
    this.bytes = new ByteProduct(parameters.kernels, inputs(this.linear.inputs), this.linear.outputs);
    parameters.packed.push(this);
  }

  *packing(): Steps<void> {
    this.bytesAreStale = true;
    yield;
  }

  /** The product for windows of bytes. */
  get byteProduct(): ByteProduct {
    const { linear, parameters, bytes } = this;
    if (this.bytesAreStale)
      parameters.kernels.memory.scope(() => bytes.prepare(linear.weight.value, linear.bias.value));
    this.bytesAreStale = false;
    return bytes;
  }
}
