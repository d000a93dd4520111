import type { Steps } from "../ground/steps.js";
import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Grid, rowsOf } from "./grid.js";

/** What a sum of 32 bits holds. */
const largestSum = 0x7fffffff;
const largestInteger = 32767;
const descriptionWords = 7;
/** Columns of a panel of packed weights, see `packIntegers`. */
export const denseColumns = 8;
const sparseColumns = 32;

/**
 * input * weight + bias in integers of 16 bits, half the time of floats: each row of the input and each column of the weight is rounded to multiples of its
 * own scale. Sums are exact, and a row's result depends on that row alone. (Integer inference as in Jacob et al. 2018, section 2, with scales by row.)
 */
export class IntegerProduct {
  /** What the kernels know of it, as assembly/integer-product.ts reads it. */
  readonly description: Pointer;
  readonly packed: Pointer;
  readonly columnScales: Pointer;
  private readonly largestInput: number;
  readonly panelColumns: number;

  /**
   * `largestWeight`: what the largest weight of a column becomes; the finer the weights, the coarser the inputs where there are many. `sparse`: many inputs
   * are 0, and are passed over. The result is the same. `bias`: `outputs` floats.
   */
  constructor(
    private readonly kernels: Kernels,
    readonly inputs: number,
    readonly outputs: number,
    readonly largestWeight: number,
    private readonly bias: Pointer,
    private readonly sparse = false,
  ) {
    const { call, memory } = kernels;
    this.largestInput = Math.min(largestInteger, Math.floor(largestSum / (inputs * largestWeight)));
    this.panelColumns = sparse ? sparseColumns : denseColumns;
    this.packed = memory.allocate(call.packedIntegerBytes(inputs, outputs, this.panelColumns));
    this.columnScales = memory.allocateFloats(outputs);
    this.description = memory.allocate(descriptionWords * 4);
  }

  /** `weight`: (inputs, outputs). */
  *prepare(weight: Pointer): Steps<void> {
    const { inputs, outputs, largestInput, sparse, packed, columnScales, bias } = this;
    yield* packColumns(this.kernels, this, weight);
    const words = [inputs, outputs, largestInput, sparse ? 1 : 0, packed, columnScales, bias];
    this.kernels.memory.i32(this.description, descriptionWords).set(words);
  }

  /** activation(input * weight + bias), into memory that the caller owns; `output` may be `input` where it has no more channels. */
  multiply(input: Grid, activation: Activation, output: Grid): void {
    const { call, memory } = this.kernels;
    const rows = rowsOf(input);
    memory.scope(() => {
      const work = memory.allocate(call.productWorkBytes(rows, this.description));
      call.multiplyProduct(rows, this.description, activationNumber[activation], input.pointer, work, output.pointer);
    });
  }
}

/** Where the weights of a product go. `largestWeight`: what the largest of a column becomes. */
export interface PackedColumns {
  readonly inputs: number;
  readonly outputs: number;
  readonly largestWeight: number;
  readonly panelColumns: number;
  readonly packed: Pointer;
  readonly columnScales: Pointer;
}

/** Weights of a step, about. */
const stepWeights = 1 << 18;

/** Columns that are packed in a step: whole panels, which lie one after the other, of columns of `inputs` weights. */
export const columnsAtOnce = (inputs: number, panelColumns: number): number =>
  panelColumns * Math.ceil(stepWeights / (panelColumns * inputs));

/** Rounds the weights (inputs, outputs) column by column and packs them, some panels at a time; the scales of the columns come out beside. */
export function* packColumns(
  { call, memory }: Kernels,
  { inputs, outputs, largestWeight, panelColumns, packed, columnScales }: PackedColumns,
  weight: Pointer,
): Steps<void> {
  const step = columnsAtOnce(inputs, panelColumns);
  for (let first = 0; first < outputs; first += step) {
    const columns = Math.min(step, outputs - first);
    memory.scope(() => {
      const matrix = memory.allocate(inputs * columns * 2);
      const weights = memory.f32(weight, inputs * outputs);
      const integers = memory.i16(matrix, inputs * columns);
      const scales = memory.f32(columnScales + first * 4, columns).fill(0);
      for (let k = 0, at = first; k < inputs; k++, at += outputs) {
        for (let m = 0; m < columns; m++) scales[m] = Math.max(scales[m], Math.abs(weights[at + m]) / largestWeight);
      }
      for (let k = 0, at = first, to = 0; k < inputs; k++, at += outputs) {
        for (let m = 0; m < columns; m++) integers[to++] = Math.round(weights[at + m] / (scales[m] || 1));
      }
      call.packIntegers(
        inputs,
        columns,
        panelColumns,
        matrix,
        packed + call.packedIntegerBytes(inputs, first, panelColumns),
      );
    });
    yield;
  }
}
