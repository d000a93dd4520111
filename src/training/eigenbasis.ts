import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { StateTensor } from "./optimiser.js";

/** How much of the factor each step leaves of what it knows of earlier gradients. */
const decay = 0.95;
/** Added to the factor's eigenvalues, relative to their sum: directions in which no gradient has gone yet stay where they are. */
const ridge = 1e-7;

/**
 * The eigenvectors of one of Shampoo's factors (Gupta et al. 2018), the fading sum of products of a matrix's gradients with themselves. They follow the factor by a
 * step of orthogonal iteration at each renewal (Vyas et al. 2024, "SOAP", algorithm 4).
 */
export class Eigenbasis {
  /** size x size, up to a factor that vectors know nothing of. */
  readonly factor: Pointer;
  /** One vector a row; at first those of the coordinates. */
  readonly vectors: Pointer;

  constructor(
    private readonly kernels: Kernels,
    readonly size: number,
  ) {
    const { memory, call } = kernels;
    const floats = size * size;
    this.factor = memory.allocateFloats(floats);
    this.vectors = memory.allocateFloats(floats);
    for (const pointer of [this.factor, this.vectors]) call.fill(floats, 0, pointer);
    const vectors = memory.f32(this.vectors, floats);
    for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  }

  /** What checkpoints hold of it. */
  state(name: string): StateTensor[] {
    const shape = [this.size, this.size];
    return [
      { name: `factor.${name}`, shape, pointer: this.factor },
      { name: `vectors.${name}`, shape, pointer: this.vectors },
    ];
  }

  /** Lets the factor fade before the products of a new gradient are added to it. */
  fade(): void {
    this.kernels.call.addScaled(this.size ** 2, decay - 1, this.factor, this.factor);
  }

  /**
   * Turns the vectors towards those of the factor, and sorts them by what it holds in their directions, the most first. Returns their former places, or undefined
   * where there has been no gradient yet.
   */
  renew(): Int32Array | undefined {
    const { size, factor, vectors } = this;
    const { memory, call } = this.kernels;
    const floats = size * size;
    return memory.scope(() => {
      const packed = memory.allocateFloats(call.packedLength(size, size));
      const turned = memory.allocateFloats(floats);
      const work = memory.allocate(8 * floats);
      call.packMatrix(size, size, factor, size, packed);
      call.multiplyPacked(size, size, size, vectors, size, packed, turned, size, 0, 0, 0);
      const before = memory.f32(vectors, floats);
      const after = memory.f32(turned, floats);
      const strengths = new Float64Array(size);
      let sum = 0;
      for (let row = 0; row < size; row++) {
        for (let i = row * size; i < (row + 1) * size; i++) strengths[row] += before[i] * after[i];
        sum += strengths[row];
      }
      if (!(sum > 0)) return undefined;
      call.addScaled(floats, ridge * sum, vectors, turned);
      const places = Int32Array.from(strengths.keys()).sort((a, b) => strengths[b] - strengths[a] || a - b);
      for (const [row, place] of places.entries()) {
        before.set(after.subarray(place * size, (place + 1) * size), row * size);
      }
      call.orthonormalRows(size, vectors, work);
      return places;
    });
  }
}
