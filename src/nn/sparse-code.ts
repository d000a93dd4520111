import { activationNumber } from "../kernels/interface.js";
import type { Kernels } from "../kernels/kernels.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "./grid.js";
import type { LatentLayer, Pass } from "./layer.js";
import type { Sparsity } from "./sparsity.js";

/** So many times the wanted units stay at first. */
const startingShare = 8;

/** A sigmoid never is quite 0: from here on a unit of it counts as active. */
const activeSigmoid = 0.1;

/** Ends an encoder: keeps few units of each code active, by selection or by a penalty. */
export class SparseCode implements LatentLayer {
  readonly kind = "sparse";
  readonly reach = 0;
  private timesActive = 1;

  constructor(
    readonly kernels: Kernels,
    readonly sparsity: Sparsity,
  ) {}

  /**
   * While training: lets more units stay at first, fewer in proportion to `done` (0 .. 1), and just those wanted from the middle on, so that none
   * dies before it has learnt anything (Makhzani & Frey 2013, section 4.2.1).
   */
  anneal(done: number): void {
    this.timesActive = 1 + (startingShare - 1) * Math.max(0, 1 - 2 * done);
  }

  /**
   * The penalty of a code that a pass has made, a mean over its rows times `weight`; adds its gradient by the code to `gradient`.
   */
  addPenalty(code: Grid, gradient: Grid, weight: number): number {
    const { sparsity } = this;
    const { call, memory } = this.kernels;
    if (sparsity.kind === "k") return 0;
    const rows = rowsOf(code);
    const { channels } = code;
    const means = this.sumsOf(code).map((sum) => sum / rows);
    const [value, slope] = sparsity.kind === "l1" ? absolutes(means) : divergences(means, sparsity.activity);
    const scale = weight * sparsity.weight;
    const row = memory.place(Float32Array.from(slope, (by) => (scale * by) / rows));
    const repeated = gridLike(this.kernels, code);
    call.repeatRow(rows, channels, row, repeated.pointer);
    call.add(sizeOf(gradient), gradient.pointer, repeated.pointer, gradient.pointer);
    return scale * value;
  }

  infer(input: Grid): Grid {
    const { call } = this.kernels;
    const output = gridLike(this.kernels, input);
    if (this.sparsity.kind === "k") {
      const kept = Math.min(input.channels, Math.round(this.sparsity.active * this.timesActive));
      call.keepLargest(rowsOf(input), input.channels, kept, input.pointer, output.pointer);
    } else {
      call.activate(this.activation, sizeOf(input), input.pointer, output.pointer);
    }
    return output;
  }

  *steps(input: Grid, output: Grid): Generator<void, void, void> {
    yield;
    const { memory } = this.kernels;
    // What is kept of a row is not known before all of it has been looked at.
    memory.scope(() => memory.copy(this.infer(input).pointer, output.pointer, sizeOf(output) * 4));
  }

  /** For each unit the number of rows in which it is active. */
  countActive(code: Grid): Uint32Array {
    const { channels } = code;
    const least = this.sparsity.kind === "kl" ? activeSigmoid : 0;
    const counts = new Uint32Array(channels);
    this.kernels.memory.f32(code.pointer, sizeOf(code)).forEach((value, i) => {
      if (Math.abs(value) > least) counts[i % channels]++;
    });
    return counts;
  }

  get activation(): number {
    return this.sparsity.kind === "l1" ? activationNumber.relu : activationNumber.sigmoid;
  }

  private sumsOf(grid: Grid): Float32Array {
    const { call, memory } = this.kernels;
    const { channels } = grid;
    return memory.scope(() => {
      const sums = memory.allocateFloats(channels);
      call.sumColumns(rowsOf(grid), channels, grid.pointer, sums, 0);
      return memory.f32(sums, channels).slice();
    });
  }
}

/** `backward`: of the loss without the penalty; `addPenalty` comes first. */
export function sparsePass(layer: SparseCode, input: Grid): Pass {
  const { kernels, sparsity, activation } = layer;
  const { call } = kernels;
  const output = layer.infer(input);
  return {
    output,
    backward(gradient) {
      const result = gridLike(kernels, gradient);
      const count = sizeOf(gradient);
      if (sparsity.kind === "k") call.passActive(count, output.pointer, gradient.pointer, result.pointer);
      else call.activateGradient(activation, count, input.pointer, gradient.pointer, result.pointer);
      return result;
    },
  };
}

/** A penalty on the mean activity of units, and its slope by each of them. */
type Penalty = readonly [value: number, slope: ArrayLike<number>];

/** Rectified activities are their own absolute values. */
const absolutes = (means: Float32Array): Penalty => [
  means.reduce((sum, mean) => sum + mean, 0),
  new Float32Array(means.length).fill(1),
];

function divergences(means: Float32Array, activity: number): Penalty {
  const bounded = Float64Array.from(means, (mean) => Math.min(1 - 1e-6, Math.max(1e-6, mean)));
  const divergence = (mean: number): number =>
    activity * Math.log(activity / mean) + (1 - activity) * Math.log((1 - activity) / (1 - mean));
  return [
    bounded.reduce((sum, mean) => sum + divergence(mean), 0),
    bounded.map((mean) => (1 - activity) / (1 - mean) - activity / mean),
  ];
}
