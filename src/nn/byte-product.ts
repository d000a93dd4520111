import { finish } from "../ground/steps.js";
import { activationNumber } from "../kernels/interface.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { denseColumns, packColumns } from "./integer-product.js";

/** Bytes less 128. */
const largestInput = 128;
const largestWeight = 32767;
const largestSum = 0x7fffffff;

/**
 * input * weight + bias in integers of 16 bits, for inputs that are bytes: (byte / 255 - 1/2) needs no rounding then, and all bits that 32-bit sums leave go
 * to the weights. For senders: what comes out is not exactly what floats give.
 */
export class ByteProduct {
  readonly packed: Pointer;
  readonly columnScales: Pointer;
  private readonly bias: Pointer;
  readonly largestWeight: number;
  readonly panelColumns = denseColumns;

  constructor(
    private readonly kernels: Kernels,
    readonly inputs: number,
    readonly outputs: number,
  ) {
    const { call, memory } = kernels;
    this.largestWeight = Math.min(largestWeight, Math.floor(largestSum / (inputs * largestInput)));
    this.packed = memory.allocate(call.packedIntegerBytes(inputs, outputs, denseColumns));
    this.columnScales = memory.allocateFloats(outputs);
    this.bias = memory.allocateFloats(outputs);
  }

  /** `weight`: (inputs, outputs), for inputs byte / 255 - 1/2. */
  prepare(weight: Pointer, bias: Pointer): void {
    const { inputs, outputs } = this;
    const { memory } = this.kernels;
    finish(packColumns(this.kernels, this, weight));
    // byte / 255 - 1/2 = (byte - 128) / 255 + 1/510
    const constants = Float64Array.from(memory.f32(bias, outputs));
    memory.f32(weight, inputs * outputs).forEach((value, i) => {
      constants[i % outputs] += value / 510;
    });
    memory.f32(this.bias, outputs).set(constants);
  }

  /** `integers`: rows of bytes less 128, as `gatherByteWindows` writes them; `output`: (rows, outputs). */
  multiply(rows: number, integers: Pointer, output: Pointer): void {
    const { call, memory } = this.kernels;
    const { inputs, outputs } = this;
    memory.scope(() => {
      const rowScales = memory.allocateFloats(rows);
      call.fill(rows, 1 / 255, rowScales);
      call.multiplyIntegers(
        ...([rows, outputs, inputs, integers, rowScales, this.packed, this.columnScales, this.bias] as const),
        ...([activationNumber.identity, output] as const),
      );
    });
  }
}
