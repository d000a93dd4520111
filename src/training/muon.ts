import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Parameter } from "../nn/parameters.js";

const momentum = 0.95;
/** Of the quintic that pushes singular values towards 1 (Jordan 2024). */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const iterations = 5;
/** The root mean square of Adam's usual steps (Liu et al. 2025, "Muon is Scalable for LLM Training", section 2.2). */
const usualStep = 0.2;

/** Steps along the orthogonal factor of the momentum, for one matrix. The iteration runs on the smaller Gram matrix. */
export class Muon {
  constructor(
    private readonly kernels: Kernels,
    private readonly parameter: Parameter,
  ) {}

  step(rate: number, gradientScale: number): void {
    const { call, memory } = this.kernels;
    const { count, value, gradient, moment1, shape } = this.parameter;
    const [rows, columns] = shape;
    memory.scope(() => {
      if (gradientScale < 1) call.addScaled(count, gradientScale - 1, gradient, gradient);
      call.moveTowards(count, 1 - momentum, gradient, moment1);
      const ahead = memory.allocateFloats(count);
      memory.copy(moment1, ahead, 4 * count);
      call.moveTowards(count, 1 - momentum, gradient, ahead);
      const total = memory.allocate(8);
      call.sumOfSquares(count, ahead, total);
      const norm = Math.sqrt(memory.f64(total, 1)[0]);
      if (!(norm > 0)) return;
      call.addScaled(count, 1 / norm - 1, ahead, ahead);
      const size = Math.min(rows, columns);
      const gram = memory.allocateFloats(size * size);
      if (columns <= rows) {
        call.multiplyTransposed(rows, columns, columns, ahead, columns, ahead, columns, gram, columns, 0);
      } else {
        const packed = memory.allocateFloats(call.packedLength(columns, rows));
        call.packTransposed(columns, rows, ahead, columns, packed);
        call.multiplyPacked(rows, rows, columns, ahead, columns, packed, gram, rows, 0, 0, 0);
      }
      const whitening = this.whitening(size, gram);
      const output = memory.allocateFloats(count);
      if (columns <= rows) {
        this.multiply(rows, size, size, ahead, whitening, output);
      } else {
        this.multiply(size, columns, size, whitening, ahead, output);
      }
      call.addScaled(count, -rate * usualStep * Math.sqrt(Math.max(rows, columns)), output, value);
    });
  }

  /** What times the matrix has singular values of about 1. */
  private whitening(size: number, gram: Pointer): Pointer {
    const { call, memory } = this.kernels;
    const floats = size * size;
    const [square, factor, spare, next] = Array.from({ length: 4 }, () => memory.allocateFloats(floats));
    let result = memory.allocateFloats(floats);
    let other = spare;
    for (let i = 0; i < iterations; i++) {
      this.multiply(size, size, size, gram, gram, square);
      call.fill(floats, 0, factor);
      call.addScaled(floats, b, gram, factor);
      call.addScaled(floats, c, square, factor);
      const values = memory.f32(factor, floats);
      for (let k = 0; k < size; k++) values[k * (size + 1)] += a;
      if (i === 0) memory.copy(factor, result, 4 * floats);
      else {
        this.multiply(size, size, size, result, factor, other);
        [result, other] = [other, result];
      }
      if (i === iterations - 1) break;
      this.multiply(size, size, size, gram, factor, next);
      this.multiply(size, size, size, next, factor, gram);
    }
    return result;
  }

  private multiply(N: number, M: number, K: number, left: Pointer, right: Pointer, output: Pointer): void {
    const { call, memory } = this.kernels;
    memory.scope(() => {
      const packed = memory.allocateFloats(call.packedLength(K, M));
      call.packMatrix(K, M, right, M, packed);
      call.multiplyPacked(N, M, K, left, K, packed, output, M, 0, 0, 0);
    });
  }
}
