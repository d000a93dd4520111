import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Parameter } from "../nn/parameters.js";
import { Eigenbasis } from "./eigenbasis.js";
import type { AdamNumbers, StateTensor } from "./optimiser.js";

/** Steps from one renewal of the bases to the next. */
const stepsBetweenRenewals = 10;
/** A longer side keeps its coordinates: its basis would take longer to renew than it gains. */
const longestSide = 512;

/**
 * Adam in the eigenbases of Shampoo's factors, for one matrix (Vyas et al. 2024, "SOAP: Improving and Stabilizing Shampoo using Adam", algorithm 3). Both moments of
 * the parameter are those of the rotated gradient.
 */
export class Soap {
  private readonly left: Eigenbasis | undefined;
  private readonly right: Eigenbasis | undefined;
  /** The left vectors, one a column. */
  private readonly leftColumns: Pointer = 0;
  /** The right vectors, packed: one a column, and one a row. */
  private readonly rightColumns: Pointer = 0;
  private readonly rightRows: Pointer = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly parameter: Parameter,
    /** Spreads the renewals of several matrices over the steps. */
    private readonly turn: number,
  ) {
    const { memory, call } = kernels;
    const [rows, columns] = parameter.shape;
    if (rows <= longestSide) {
      this.left = new Eigenbasis(kernels, rows);
      this.leftColumns = memory.allocateFloats(rows * rows);
    }
    if (columns <= longestSide) {
      this.right = new Eigenbasis(kernels, columns);
      this.rightColumns = memory.allocateFloats(call.packedLength(columns, columns));
      this.rightRows = memory.allocateFloats(call.packedLength(columns, columns));
    }
    this.prepare();
  }

  /** What checkpoints hold of it, beside the parameter's moments. */
  get state(): StateTensor[] {
    const { name } = this.parameter;
    return [...(this.left?.state(`left.${name}`) ?? []), ...(this.right?.state(`right.${name}`) ?? [])];
  }

  /** Brings what follows from the vectors up to them; call it whenever they have changed. */
  prepare(): void {
    const { left, right } = this;
    const { call, memory } = this.kernels;
    if (left) {
      const { size } = left;
      const rows = memory.f32(left.vectors, size * size);
      const columns = memory.f32(this.leftColumns, size * size);
      for (let i = 0; i < size; i++) for (let k = 0; k < size; k++) columns[k * size + i] = rows[i * size + k];
    }
    if (right) {
      const { size, vectors } = right;
      call.packTransposed(size, size, vectors, size, this.rightColumns);
      call.packMatrix(size, size, vectors, size, this.rightRows);
    }
  }

  step(step: number, numbers: AdamNumbers): void {
    const { call, memory } = this.kernels;
    const { count, value, gradient, moment1, moment2 } = this.parameter;
    const [rate, beta1, beta2, epsilon, weightDecay, correction1, correction2, scale] = numbers;
    if ((step - this.turn) % stepsBetweenRenewals === 0) this.renew();
    memory.scope(() => {
      if (scale < 1) call.addScaled(count, scale - 1, gradient, gradient);
      const change = memory.allocateFloats(count);
      call.fill(count, 0, change);
      const decayed = [0, correction1, correction2, 1] as const;
      call.adam(count, change, this.rotate(gradient), moment1, moment2, rate, beta1, beta2, epsilon, ...decayed);
      call.addScaled(count, -rate * weightDecay, value, value);
      call.add(count, value, this.rotateBack(change), value);
    });
    this.learn();
  }

  /** Adds the gradient's products with itself to the factors. */
  private learn(): void {
    const { call, memory } = this.kernels;
    const { gradient, shape } = this.parameter;
    const [rows, columns] = shape;
    const { left, right } = this;
    if (right) {
      right.fade();
      call.multiplyTransposed(rows, columns, columns, gradient, columns, gradient, columns, right.factor, columns, 1);
    }
    if (!left) return;
    left.fade();
    memory.scope(() => {
      const packed = memory.allocateFloats(call.packedLength(columns, rows));
      call.packTransposed(columns, rows, gradient, columns, packed);
      call.multiplyPacked(rows, rows, columns, gradient, columns, packed, left.factor, rows, 0, 0, 1);
    });
  }

  /** Renews the bases. The first moment is brought along; of the second, which squares have no way from one basis to another, the places. */
  private renew(): void {
    const { memory } = this.kernels;
    const { moment1, moment2, count, shape } = this.parameter;
    const [rows, columns] = shape;
    memory.scope(() => {
      const mean = this.rotateBack(moment1);
      const rowPlaces = this.left?.renew();
      const columnPlaces = this.right?.renew();
      this.prepare();
      memory.copy(this.rotate(mean), moment1, 4 * count);
      const squares = memory.f32(moment2, count);
      const before = squares.slice();
      for (let row = 0; row < rows; row++) {
        const from = (rowPlaces?.[row] ?? row) * columns;
        for (let column = 0; column < columns; column++) {
          squares[row * columns + column] = before[from + (columnPlaces?.[column] ?? column)];
        }
      }
    });
  }

  /** The matrix in the bases. In the caller's scope. */
  private rotate(matrix: Pointer): Pointer {
    return this.multiplyRight(this.multiplyLeft(this.leftColumns, matrix), this.rightColumns);
  }

  private rotateBack(matrix: Pointer): Pointer {
    return this.multiplyLeft(this.left?.vectors ?? 0, this.multiplyRight(matrix, this.rightRows));
  }

  /** The transpose of a square matrix, times the matrix. */
  private multiplyLeft(square: Pointer, matrix: Pointer): Pointer {
    if (!square) return matrix;
    const { call, memory } = this.kernels;
    const [rows, columns] = this.parameter.shape;
    const output = memory.allocateFloats(rows * columns);
    call.multiplyTransposed(rows, columns, rows, square, rows, matrix, columns, output, columns, 0);
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
