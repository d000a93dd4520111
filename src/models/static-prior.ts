import type { Pointer } from "../kernels/kernels.js";
import { gridLike } from "../nn/grid.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import { codedCells } from "./coded-cells.js";
import { clearNotCoded, holdsCoded } from "./coded-channels.js";
import { logisticBin } from "./densities.js";
import type { Gains } from "./gains.js";
import { logLinear } from "./gains.js";
import type { Prior, Rate, RateInput, Stretch, SymbolGrid, TableShape } from "./prior.js";
import { nearestScale, type ScaleTable, scaleAt } from "./scale-table.js";

/** These few numbers may move faster than weights do. */
const scalarLearningRate = 5;
/** From a symbol that is almost surely 0 to the widest component of a large picture. */
const scales: ScaleTable = { count: 64, lowest: 0.11, logLowest: -2.2072749131897207, density: 6.893 };
const widestMagnitude = 2047;

/**
 * One zero-mean logistic distribution for each channel, the same at every position; its log standard deviation is a linear
 * function of quality. (The factorized prior of Balle et al. 2018, "Variational image compression with a scale hyperprior",
 * section 6.1, with one parameter for the shape; the shape of the coding tables is learned besides, see training/tables.ts.)
 */
export class StaticPrior implements Prior {
  readonly tableCount = scales.count;
  readonly contextRows = 0;
  readonly logScale: Parameter;
  readonly slope: Parameter;

  constructor(
    readonly parameters: Parameters,
    readonly latents: number,
    private readonly inverseGain: Gains,
  ) {
    this.logScale = parameters.declare("prior.logScale", [latents], scalarLearningRate);
    this.slope = parameters.declare("prior.slope", [latents], scalarLearningRate);
  }

  prepare(): void {}

  /** All covered cells in raster order, in one stretch. */
  *receive(grid: SymbolGrid): Generator<Stretch, void, void> {
    const { symbols, dequantized, reconstructed, q, firstRow = 0, channels: mask } = grid;
    const { call, memory } = this.parameters.kernels;
    const { latents } = this;
    if (!holdsCoded(mask, 0, latents)) return;
    const mark = memory.mark();
    const { cells, indices, coded, stretch } = this.stretchOf(grid);
    yield stretch;
    clearNotCoded(memory.i32(coded, stretch.count), mask, 0, latents);
    call.placeRows(cells, latents, coded, latents, indices, symbols.pointer, latents);
    const rows = (symbols.height - firstRow) * symbols.width;
    const at = firstRow * symbols.width * latents * 4;
    call.dequantize(rows, latents, symbols.pointer + at, this.inverseGain.row(q), dequantized.pointer + at);
    if (reconstructed) memory.copy(dequantized.pointer + at, reconstructed.pointer + at, rows * latents * 4);
    memory.release(mark);
  }

  /** Room for what is coded, and its tables. */
  stretchOf({ symbols, covered, q, firstRow = 0 }: SymbolGrid) {
    const { memory } = this.parameters.kernels;
    const { latents } = this;
    const numbers = codedCells(covered, symbols.height * symbols.width, firstRow * symbols.width);
    const cells = numbers.length;
    const indices = memory.place(numbers);
    const coded = memory.allocate(cells * latents * 4);
    const tables = this.placeTables(q, cells);
    return { cells, indices, coded, stretch: { count: cells * latents, tables, coded, first: 0, channels: latents } };
  }

  private placeTables(q: number, cells: number): Pointer {
    const row = Uint8Array.from(this.logScales(q), (logScale) => nearestScale(scales, logScale));
    const tables = new Uint8Array(cells * this.latents);
    for (let start = 0; start < tables.length; start += row.length) tables.set(row, start);
    return this.parameters.kernels.memory.place(tables);
  }

  /** Logarithms of the standard deviations at quality q, in quantization steps. */
  logScales(q: number): Float32Array<ArrayBuffer> {
    return logLinear(this.parameters, this.logScale, this.slope, q);
  }
}

/** Starts at the log standard deviations that the latents have at q = 0, growing with quality by `slope`. */
export function initializeStaticPrior(prior: StaticPrior, logScale: Float32Array, slope: number): void {
  prior.parameters.write(prior.logScale, logScale);
  prior.parameters.write(prior.slope, new Float32Array(prior.latents).fill(slope));
}

/** Bits of noisy latents; adds to the parameters' gradients. */
export function staticRate(prior: StaticPrior, { values, qualities, weights, steps }: RateInput): Rate {
  const { kernels, training } = prior.parameters;
  const { call, memory } = kernels;
  const { latents } = prior;
  const rows = values.height * values.width;
  const count = rows * latents;
  const gradient = gridLike(kernels, values);
  const mean = memory.allocateFloats(count);
  const logScale = memory.allocateFloats(count);
  const gradientMean = memory.allocateFloats(count);
  const gradientLogScale = memory.allocateFloats(count);
  const sums = memory.allocateFloats(latents);
  const total = memory.allocate(8);
  call.fill(count, 0, mean);
  const bits = qualities.map((q, image) => {
    const start = image * count * 4;
    call.repeatRow(rows, latents, memory.place(prior.logScales(q)), logScale);
    memory.f64(total, 1)[0] = 0;
    call.logisticBits(
      count,
      values.pointer + start,
      mean,
      logScale,
      weights[image],
      gradient.pointer + start,
      gradientMean,
      gradientLogScale,
      total,
    );
    if (steps) {
      const [up, down] = [steps.up, steps.down].map(({ pointer }) => pointer + start);
      call.logisticSteps(count, values.pointer + start, mean, logScale, up, down);
    }
    if (training) {
      call.sumColumns(rows, latents, gradientLogScale, sums, 0);
      call.add(latents, sums, prior.logScale.gradient, prior.logScale.gradient);
      call.addScaled(latents, q, sums, prior.slope.gradient);
    }
    return memory.f64(total, 1)[0] / weights[image];
  });
  return { bits, gradient };
}

export function staticTableShape(table: number): TableShape {
  const scale = scaleAt(scales, table);
  return {
    magnitude: Math.min(widestMagnitude, Math.max(1, Math.ceil(7 * scale))),
    scale,
    symmetric: true,
    probability: (symbol) => logisticBin(symbol, scale),
  };
}

/** See `sendStretches`. */
export function* staticSend(prior: StaticPrior, grid: SymbolGrid): Generator<Stretch, void, void> {
  const { latents } = prior;
  const { call, memory } = prior.parameters.kernels;
  if (!holdsCoded(grid.channels, 0, latents)) return;
  const mark = memory.mark();
  const { cells, indices, coded, stretch } = prior.stretchOf(grid);
  call.gatherRows(cells, latents, grid.symbols.pointer, latents, indices, coded, latents);
  yield stretch;
  memory.release(mark);
}
