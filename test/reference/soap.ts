/** The plain twin of src/training/soap.ts, in double precision, with both bases (Vyas et al. 2024, algorithms 3 and 4). */
export interface SoapSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

type Matrix = readonly (readonly number[])[];

const decay = 0.95;
const ridge = 1e-7;
const stepsBetweenRenewals = 10;

export const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, k) => (i === k ? 1 : 0)));
export const transpose = (a: Matrix): Matrix => a[0].map((_, k) => a.map((row) => row[k]));
export const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, k) => row.reduce((sum, value, i) => sum + value * b[i][k], 0)));
const combined = (a: Matrix, b: Matrix, of: (a: number, b: number) => number): Matrix =>
  a.map((row, i) => row.map((value, k) => of(value, b[i][k])));
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Gram-Schmidt on rows. */
export function orthonormal(rows: Matrix): Matrix {
  const done: number[][] = [];
  for (const row of rows) {
    let left = [...row];
    for (const unit of done) {
      const share = dot(left, unit);
      left = left.map((value, i) => value - share * unit[i]);
    }
    const length = Math.sqrt(dot(left, left));
    done.push(left.map((value) => value / length));
  }
  return done;
}

/** A factor, and the vectors that follow it, one a row. */
class Basis {
  private factor: Matrix;
  vectors: Matrix;

  constructor(private readonly size: number) {
    this.factor = identity(size).map((row) => row.map(() => 0));
    this.vectors = identity(size);
  }

  learn(square: Matrix): void {
    this.factor = combined(this.factor, square, (old, value) => decay * old + value);
  }

  /** The former places of the vectors. */
  renew(): number[] {
    const turned = product(this.vectors, this.factor);
    const strengths = this.vectors.map((row, i) => dot(row, turned[i]));
    const sum = strengths.reduce((a, b) => a + b);
    const places = Array.from({ length: this.size }, (_, i) => i).sort((a, b) => strengths[b] - strengths[a]);
    if (sum === 0) return places;
    const lifted = combined(turned, this.vectors, (value, vector) => value + ridge * sum * vector);
    this.vectors = orthonormal(places.map((place) => lifted[place]));
    return places;
  }
}

/** One matrix that is trained; `side` undefined keeps the coordinates of that side. */
export class SoapTwin {
  private mean: Matrix;
  private squares: Matrix;
  private readonly left: Basis | undefined;
  private readonly right: Basis | undefined;

  constructor(
    private readonly settings: SoapSettings,
    public value: Matrix,
    { left, right }: { left: boolean; right: boolean },
    private readonly turn: number,
  ) {
    this.mean = value.map((row) => row.map(() => 0));
    this.squares = this.mean;
    this.left = left ? new Basis(value.length) : undefined;
    this.right = right ? new Basis(value[0].length) : undefined;
  }

  /** `step` counts from 0. */
  step(gradient: Matrix, step: number): void {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    if ((step - this.turn) % stepsBetweenRenewals === 0) this.renew();
    const rotated = this.rotate(gradient);
    this.mean = combined(this.mean, rotated, (old, value) => beta1 * old + (1 - beta1) * value);
    this.squares = combined(this.squares, rotated, (old, value) => beta2 * old + (1 - beta2) * value ** 2);
    const change = combined(this.mean, this.squares, (mean, square) => {
      const deviation = Math.sqrt(square / (1 - beta2 ** (step + 1)));
      return (-learningRate * mean) / (1 - beta1 ** (step + 1)) / (deviation + epsilon);
    });
    this.value = combined(this.value, this.rotateBack(change), (a, b) => a + b);
    this.left?.learn(product(gradient, transpose(gradient)));
    this.right?.learn(product(transpose(gradient), gradient));
  }

  private renew(): void {
    const mean = this.rotateBack(this.mean);
    const rows = this.left?.renew() ?? this.value.map((_, i) => i);
    const columns = this.right?.renew() ?? this.value[0].map((_, k) => k);
    this.mean = this.rotate(mean);
    this.squares = rows.map((row) => columns.map((column) => this.squares[row][column]));
  }

  private rotate(matrix: Matrix): Matrix {
    const left = this.left ? product(this.left.vectors, matrix) : matrix;
    return this.right ? product(left, transpose(this.right.vectors)) : left;
  }

  private rotateBack(matrix: Matrix): Matrix {
    const left = this.left ? product(transpose(this.left.vectors), matrix) : matrix;
    return this.right ? product(left, this.right.vectors) : left;
  }
}
