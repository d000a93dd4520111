import { finish } from "../ground/steps.js";
import { activationNumber } from "../kernels/interface.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { denseColumns, packColumns } from "./integer-product.js";

const largestWeight = 32767;
const largestSum = 0x7fffffff;

/** Integers that stand for the inputs of a product. */
export interface ByteInputs {
  readonly count: number;
  /** So many of them, the first ones, are samples of a picture less their half, 127.5; the others differences of samples. */
  readonly samples: number;
  /** What samples and differences were multiplied by; a sample became less by 128 before. */
  readonly factor: number;
  /** The largest sum of magnitudes. */
  readonly largest: number;
}

/** Bytes less 128. */
export const wholeBytes = (count: number): ByteInputs => ({ count, samples: count, factor: 1, largest: 128 * count });

/** Windows as `gatherHalvedWindows` writes them, of so many inputs: luma, which is rounded to halves, then sums of four colour differences of -127.5 .. 127.5. */
export const halvedBytes = (count: number): ByteInputs => ({
  ...{ count, samples: (count / 3) * 2, factor: 2 },
  largest: (count / 3) * (2 * 256 + 1021),
});

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
  readonly inputs: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly given: ByteInputs,
    readonly outputs: number,
  ) {
    const { call, memory } = kernels;
    const inputs = given.count;
    this.inputs = inputs;
    this.largestWeight = Math.min(largestWeight, Math.floor(largestSum / given.largest));
    this.packed = memory.allocate(call.packedIntegerBytes(inputs, outputs, denseColumns));
    this.columnScales = memory.allocateFloats(outputs);
    this.bias = memory.allocateFloats(outputs);
  }

  /** `weight`: (inputs, outputs), for samples byte / 255 - 1/2 and differences of bytes / 255. */
  prepare(weight: Pointer, bias: Pointer): void {
    const { outputs } = this;
    const { memory } = this.kernels;
    finish(packColumns(this.kernels, this, weight));
    // byte / 255 - 1/2 = (byte - 128) / 255 + 1/510
    const constants = Float64Array.from(memory.f32(bias, outputs));
    memory.f32(weight, this.given.samples * outputs).forEach((value, i) => {
      constants[i % outputs] += value / 510;
    });
    memory.f32(this.bias, outputs).set(constants);
  }

  /** `integers`: rows as `gatherByteWindows` or `gatherHalvedWindows` writes them; `output`: (rows, outputs). */
  multiply(rows: number, integers: Pointer, output: Pointer): void {
    const { call, memory } = this.kernels;
    const { inputs, outputs } = this;
    memory.scope(() => {
      const rowScales = memory.allocateFloats(rows);
      call.fill(rows, 1 / (255 * this.given.factor), rowScales);
      call.multiplyIntegers(
        ...([rows, outputs, inputs, integers, rowScales, this.packed, this.columnScales, this.bias] as const),
        ...([activationNumber.identity, output] as const),
      );
    });
  }
}
