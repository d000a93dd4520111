import { logarithm2 } from "../../ground/arithmetic.js";
import type { Memory } from "../../kernels/memory.js";
import { distanceStep, tablesOfScale } from "../../models/earlier-latents.js";
import type { AdjustPrediction } from "../../models/prior.js";
import { frequencyTotal, type TableBank, tableStarts } from "../../models/tables.js";

/** Kinds that are tried: scales of a tenth to one and a half of a quantization step. */
const candidates = [1, 5, 9, 13, 17];
/**
 * Beyond this mean square of the distance between symbols and earlier latents, in quantization steps, no kind is tried.
 */
const farthest = 4.5;
/** Bits that a kind of its own has to save. */
const leastSaving = 4;

/**
 * Tells for which cells of a grid the prior had better see the earlier latents, from what each of their symbols costs:
 * counted while they are coded without.
 */
export class KindChoice {
  /** Bits of each slot of each table. */
  private readonly bits: Float32Array;
  private readonly starts: Int32Array;

  constructor(private readonly bank: TableBank) {
    this.bits = Float32Array.from(bank.frequencies, (frequency) => logarithm2(frequencyTotal / frequency));
    this.starts = tableStarts(bank);
  }

  /**
   * @param symbols of the grid, and `earlier` latents of its cells, `units` what these are multiplied by to be in
   * quantization steps
   * @param cells indices of the cells that are coded
   */
  watch(
    memory: Memory,
    symbols: Int32Array,
    earlier: Float32Array,
    units: Float32Array,
    cells: readonly number[],
  ): { readonly count: AdjustPrediction; best(cell: number): number | undefined } {
    const stride = units.length;
    /** Where the savings of a cell are. */
    const places = new Map<number, number>();
    for (const cell of cells) {
      if (isNear(symbols, earlier, units, cell * stride)) places.set(cell, places.size * candidates.length);
    }
    const savings = new Float64Array(places.size * candidates.length);
    const count: AdjustPrediction = (mean, tables, { rows, indices }, { first, channels }) => {
      const numbers = memory.u8(tables, rows * channels);
      const means = memory.f32(mean, rows * channels);
      memory.i32(indices, rows).forEach((cell, row) => {
        const place = places.get(cell);
        if (place === undefined) return;
        for (let c = 0; c < channels; c++) {
          const at = row * channels + c;
          const table = numbers[at];
          if (table < candidates[0] * tablesOfScale) continue;
          const symbol = symbols[cell * stride + first + c];
          const value = Math.fround(earlier[cell * stride + first + c] * units[first + c]);
          const step = distanceStep(value);
          const bits = this.bitsOf(table, symbol, means[at]);
          for (let k = 0; k < candidates.length; k++) {
            const wider = candidates[k] * tablesOfScale;
            if (table >= wider) savings[place + k] += bits - this.bitsOf(wider - tablesOfScale + step, symbol, value);
          }
        }
      });
    };
    const best = (cell: number): number | undefined => {
      const place = places.get(cell);
      if (place === undefined) return undefined;
      const own = savings.subarray(place, place + candidates.length);
      const most = own.reduce((most, saving) => Math.max(most, saving));
      return most > leastSaving ? candidates[own.indexOf(most)] : undefined;
    };
    return { count, best };
  }

  /** Bits of a symbol under a table and a mean. */
  private bitsOf(table: number, symbol: number, mean: number): number {
    const nearest = Math.round(mean);
    const coded = mean < nearest ? nearest - symbol : symbol - nearest;
    const slot = coded - this.bank.minimum[table];
    const size = this.bank.size[table];
    if (slot >= 0 && slot < size) return this.bits[this.starts[table] + slot];
    const distance = slot < 0 ? -slot : slot - size;
    return this.bits[this.starts[table] + size] + 2 * logarithm2(2 * distance + 2) + 1;
  }
}

function isNear(symbols: Int32Array, earlier: Float32Array, units: Float32Array, at: number): boolean {
  let sum = 0;
  for (let c = 0; c < units.length; c++) {
    const distance = symbols[at + c] - earlier[at + c] * units[c];
    sum += distance * distance;
  }
  return sum <= farthest * units.length;
}
