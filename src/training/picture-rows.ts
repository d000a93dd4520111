import type { DecodedImage } from "../image/image.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";
import { Random } from "../nn/random.js";

/** The stream of random numbers that orders the first epoch; the next streams order the others. */
const firstOrder = 0x40000000;

/** Pictures of one size as bytes in kernel memory, gathered into batches of floats: each picture once an epoch, in an order drawn anew for each. */
export class PictureRows {
  private readonly bytes: Pointer;
  private readonly columns: Pointer;
  private readonly random: Random;
  private order = { epoch: -1, indices: new Int32Array(0) };

  /** Room for `count` pictures of `samples` samples each. */
  constructor(
    private readonly kernels: Kernels,
    readonly count: number,
    readonly samples: number,
    private readonly seed: number,
  ) {
    const { memory } = kernels;
    this.bytes = memory.allocate(count * samples);
    this.columns = memory.place(Int32Array.from({ length: samples }, (_, i) => i));
    this.random = new Random(kernels, seed);
  }

  static of(kernels: Kernels, images: readonly DecodedImage[], seed: number): PictureRows {
    const rows = new PictureRows(kernels, images.length, images[0].data.length, seed);
    images.forEach((image, index) => {
      rows.put(index, image);
    });
    return rows;
  }

  put(index: number, { data }: DecodedImage): void {
    this.kernels.memory.u8(this.bytes + index * this.samples, this.samples).set(data);
  }

  /** Indices of the pictures of step `step`, in batches of `batch`: a batch may reach into the next epoch. */
  indices(step: number, batch: number): Int32Array {
    return Int32Array.from({ length: batch }, (_, i) => {
      const at = step * batch + i;
      return this.orderOf(Math.floor(at / this.count))[at % this.count];
    });
  }

  /** Rows of samples, as floats from `lowest` to `lowest + 1`. In the caller's scope. */
  rows(indices: Int32Array, lowest: number): Grid {
    const { call, memory } = this.kernels;
    const { samples } = this;
    const pointer = memory.allocateFloats(indices.length * samples);
    const order = memory.place(indices);
    const N = indices.length;
    call.readPixels(N, samples, 1, this.bytes, samples, 1, order, this.columns, 1 / 255, lowest, pointer);
    return { pointer, batch: N, height: 1, width: 1, channels: samples };
  }

  private orderOf(epoch: number): Int32Array {
    if (this.order.epoch === epoch) return this.order.indices;
    this.random.reseed(this.seed, firstOrder + epoch);
    const draws = this.random.uniforms(this.count);
    const indices = Int32Array.from({ length: this.count }, (_, i) => i);
    for (let i = this.count - 1; i > 0; i--) {
      const j = Math.min(i, Math.floor(draws[i] * (i + 1)));
      [indices[i], indices[j]] = [indices[j], indices[i]];
    }
    this.order = { epoch, indices };
    return indices;
  }
}
