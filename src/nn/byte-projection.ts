import { ByteProduct } from "./byte-product.js";
import type { Parameters } from "./parameters.js";
import { Projection, type ProjectionOptions } from "./projection.js";

/** A projection without a branch that can take windows of bytes of a picture, too. */
export class ByteProjection extends Projection {
  private readonly bytes: ByteProduct;
  private bytesAreStale = true;

  constructor(parameters: Parameters, name: string, options: ProjectionOptions) {
    super(parameters, name, options);
    this.bytes = new ByteProduct(parameters.kernels, options.inputs, options.outputs);
    const prepare = (): void => {
      this.bytesAreStale = true;
    };
    parameters.packed.push({ prepare });
  }

  /** The product for windows of bytes. */
  get byteProduct(): ByteProduct {
    const { linear } = this;
    if (this.bytesAreStale) this.bytes.prepare(linear.weight.value, linear.bias.value);
    this.bytesAreStale = false;
    return this.bytes;
  }
}
