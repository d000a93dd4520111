import { type Activation, activationNumber } from "../kernels/interface.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Grid, rowsOf } from "./grid.js";

/** What a sum of 32 bits holds. */
const largestSum = 2 ** 31 - 1;
const largestInteger = 32767;
const descriptionWords = 7;
/** Columns of a panel of packed weights, see `packIntegers`. */
export const panelColumns = { dense: 8, sparse: 32 } as const;

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
  private readonly panelColumns: number;

  /**
   * `largestWeight`: what the largest weight of a column becomes; the finer the weights, the coarser the inputs where there are many. `sparse`: many inputs
   * are 0, and are passed over. The result is the same. `bias`: `outputs` floats.
   */
  constructor(
    private readonly kernels: Kernels,
    readonly inputs: number,
    readonly outputs: number,
    private readonly largestWeight: number,
    private readonly bias: Pointer,
    private readonly sparse = false,
  ) {
    const { call, memory } = kernels;
    this.largestInput = Math.min(largestInteger, Math.floor(largestSum / (inputs * largestWeight)));
    this.panelColumns = sparse ? panelColumns.sparse : panelColumns.dense;
    this.packed = memory.allocate(call.packedIntegerBytes(inputs, outputs, this.panelColumns));
    this.columnScales = memory.allocateFloats(outputs);
    this.description = memory.allocate(descriptionWords * 4);
  }

  /** `weight`: (inputs, outputs). */
  prepare(weight: Float32Array): void {
    const { inputs, outputs, largestInput, largestWeight, sparse, packed, columnScales, bias } = this;
    packColumns(this.kernels, { inputs, outputs, largestWeight, panelColumns: this.panelColumns }, weight, this);
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

/** Rounds the weights (inputs, outputs) column by column and packs them; the scales of the columns come out beside. */
export function packColumns(
  { call, memory }: Kernels,
  shape: {
    readonly inputs: number;
    readonly outputs: number;
    readonly largestWeight: number;
    readonly panelColumns: number;
  },
  weight: Float32Array,
  { packed, columnScales }: { readonly packed: Pointer; readonly columnScales: Pointer },
): void {
  const { inputs, outputs, largestWeight } = shape;
  const scales = memory.f32(columnScales, outputs).fill(0);
  weight.forEach((value, i) => {
    scales[i % outputs] = Math.max(scales[i % outputs], Math.abs(value) / largestWeight);
  });
  memory.scope(() => {
    const matrix = memory.allocate(weight.length * 2);
    const integers = memory.i16(matrix, weight.length);
    const columns = memory.f32(columnScales, outputs);
    weight.forEach((value, i) => {
      integers[i] = Math.round(value / (columns[i % outputs] || 1));
    });
    call.packIntegers(inputs, outputs, shape.panelColumns, matrix, packed);
  });
}
