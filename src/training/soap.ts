import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Parameter } from "../nn/parameters.js";
import { Eigenbasis } from "./eigenbasis.js";

/** Steps from one renewal of the bases to the next. */
const stepsBetweenRenewals = 10;

/** The numbers of one step of Adam, as its kernel takes them. */
export type AdamNumbers = readonly [
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
  weightDecay: number,
  correction1: number,
  correction2: number,
  gradientScale: number,
];

/**
 * Adam in the eigenbases of Shampoo's factors, for one matrix (Vyas et al. 2024, "SOAP: Improving and Stabilizing Shampoo using Adam", algorithm 3). Both moments
 * are those of the rotated gradient. A side of more than `mostSide` keeps the basis that it has.
 */
export class Soap {
  readonly left: Eigenbasis | undefined;
  readonly right: Eigenbasis | undefined;
  /** The left vectors, one a column. */
  private readonly leftColumns: Pointer = 0;
  private readonly packed: Pointer = 0;
  private readonly packedTranspose: Pointer = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly parameter: Parameter,
    /** Spreads the renewals of several matrices over the steps. */
    private readonly turn: number,
    mostSide: number,
  ) {
    const { memory, call } = kernels;
    const [rows, columns] = parameter.shape;
    this.left = rows <= mostSide ? new Eigenbasis(kernels, rows) : undefined;
    this.right = columns <= mostSide ? new Eigenbasis(kernels, columns) : undefined;
    if (this.left) this.leftColumns = memory.allocateFloats(rows * rows);
    if (this.right) {
      this.packed = memory.allocateFloats(call.packedLength(columns, columns));
      this.packedTranspose = memory.allocateFloats(call.packedLength(columns, columns));
    }
    this.pack();
  }

  step(step: number, numbers: AdamNumbers): void {
    const { call, memory } = this.kernels;
    const { count, value, gradient, moment1, moment2 } = this.parameter;
    if (step % stepsBetweenRenewals === this.turn % stepsBetweenRenewals) this.renew();
    const [rate, beta1, beta2, epsilon, decay, correction1, correction2, scale] = numbers;
    if (scale < 1) call.addScaled(count, scale - 1, gradient, gradient);
    memory.scope(() => {
      const rotated = this.rotate(gradient);
      const change = memory.allocateFloats(count);
      call.fill(count, 0, change);
      call.adam(count, change, rotated, moment1, moment2, rate, beta1, beta2, epsilon, 0, correction1, correction2, 1);
      call.addScaled(count, -rate * decay, value, value);
      call.add(count, value, this.rotateBack(change), value);
    });
    this.learn();
  }

  /** Adds the gradient's products to the factors. */
  private learn(): void {
    const { call, memory } = this.kernels;
    const { gradient, shape } = this.parameter;
    const [rows, columns] = shape;
    const { left, right } = this;
    if (right) {
      right.fade();
      call.multiplyTransposed(rows, columns, columns, gradient, columns, gradient, columns, right.factor, columns, 1);
    }
    if (left) {
      left.fade();
      memory.scope(() => {
        const packed = memory.allocateFloats(call.packedLength(columns, rows));
        call.packTransposed(columns, rows, gradient, columns, packed);
        call.multiplyPacked(rows, rows, columns, gradient, columns, packed, left.factor, rows, 0, 0, 1);
      });
    }
  }

  /** Renews the bases; the first moment is brought along exactly, of the second only the places. */
  private renew(): void {
    const { memory } = this.kernels;
    const { moment1, moment2, count, shape } = this.parameter;
    const [rows, columns] = shape;
    memory.scope(() => {
      const mean = this.rotateBack(moment1);
      const places = this.left?.renew();
      const columnPlaces = this.right?.renew();
      this.pack();
      memory.copy(this.rotate(mean), moment1, 4 * count);
      const old = memory.f32(moment2, count).slice();
      const sorted = memory.f32(moment2, count);
      for (let row = 0; row < rows; row++) {
        const from = (places ? places[row] : row) * columns;
        for (let column = 0; column < columns; column++) {
          sorted[row * columns + column] = old[from + (columnPlaces ? columnPlaces[column] : column)];
        }
      }
    });
  }

  /** What follows from the vectors. */
  pack(): void {
    const { left, right } = this;
    const { call, memory } = this.kernels;
    if (left) {
      const { size } = left;
      const from = memory.f32(left.vectors, size * size);
      const to = memory.f32(this.leftColumns, size * size);
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) to[column * size + row] = from[row * size + column];
      }
    }
    if (!right) return;
    call.packTransposed(right.size, right.size, right.vectors, right.size, this.packed);
    call.packMatrix(right.size, right.size, right.vectors, right.size, this.packedTranspose);
  }

  /** Left vectors (rows) * matrix * right vectors (columns). In the caller's scope. */
  private rotate(matrix: Pointer): Pointer {
    return this.multiplyRight(this.left ? this.multiplyLeft(this.leftColumns, matrix) : matrix, this.packed);
  }

  private rotateBack(matrix: Pointer): Pointer {
    const { left } = this;
    const turned = this.multiplyRight(matrix, this.packedTranspose);
    return left ? this.multiplyLeft(left.vectors, turned) : turned;
  }

  /** vectors transposed * matrix */
  private multiplyLeft(vectors: Pointer, matrix: Pointer): Pointer {
    const { call, memory } = this.kernels;
    const [rows, columns] = this.parameter.shape;
    const output = memory.allocateFloats(rows * columns);
    call.multiplyTransposed(rows, columns, rows, vectors, rows, matrix, columns, output, columns, 0);
    return output;
  }

  private multiplyRight(matrix: Pointer, packed: Pointer): Pointer {
    if (!packed) return matrix;
    const { call, memory } = this.kernels;
    const [rows, columns] = this.parameter.shape;
    const output = memory.allocateFloats(rows * columns);
    call.multiplyPacked(rows, columns, columns, matrix, columns, packed, output, columns, 0, 0, 0);
    return output;
  }
}
