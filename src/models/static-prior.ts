import type { Steps } from "../ground/steps.js";
import { doublesAt } from "../kernels/memory.js";
import { gridLike } from "../nn/grid.js";
import { type Parameter, type Parameters, type Placed, trained } from "../nn/parameters.js";
import { codedCells, holdsCoded, placeCoded } from "./coded-parts.js";
import { logisticBin } from "./densities.js";
import type { Gains } from "./gains.js";
import { logLinear } from "./gains.js";
import {
  cellsOfQuality,
  type Prior,
  qualitiesOf,
  type Rate,
  type RateInput,
  type Stretch,
  type SymbolGrid,
  type TableShape,
  targetsOf,
} from "./prior.js";
import { weighedRuns, weighSteps } from "./quality-runs.js";
import { roundingSlopes } from "./rounding-slopes.js";
import { nearestScale, type ScaleTable, scaleAt } from "./scale-table.js";

/** These few numbers may move faster than weights do. */
const scalarLearningRate = 5;
/** From a symbol that is almost surely 0 to the widest component of a large picture. */
const scales: ScaleTable = { count: 64, lowest: 0.11, logLowest: -2.2072749131897207, density: 6.893 };
const widestMagnitude = 2047;
/** Symbols of a stretch, about: some milliseconds of work. */
const stretchSymbols = 1 << 17;

export type StaticPriorParts = ReturnType<typeof staticPriorParts>;

export const staticPriorParts = (latents: number) => ({
  /** Tables are numbered from 0. */
  tableCount: scales.count,
  logScale: trained([latents], scalarLearningRate),
  slope: trained([latents], scalarLearningRate),
});

/**
 * One zero-mean logistic distribution for each channel, the same at every position; its log standard deviation is a linear
 * function of quality. (The factorized prior of Balle et al. 2018, "Variational image compression with a scale hyperprior",
 * section 6.1, with one parameter for the shape; the shape of the coding tables is learned besides, see training/tables.ts.)
 */
export class StaticPrior implements Prior {
  readonly kind = "static";
  readonly contextRows = 0;
  readonly latents: number;
  readonly logScale: Parameter;
  readonly slope: Parameter;

  constructor(
    readonly parameters: Parameters,
    { logScale, slope }: Placed<StaticPriorParts>,
    private readonly inverseGain: Gains,
  ) {
    this.latents = logScale.count;
    this.logScale = logScale;
    this.slope = slope;
  }

  /** All covered cells of one quality after another, in raster order, some at a time. */
  *receive(grid: SymbolGrid): Generator<Stretch, void, void> {
    const { call, memory } = this.parameters.kernels;
    const { latents } = this;
    for (const { q, cells, indices, stretch } of this.stretches(grid)) {
      yield stretch;
      // Means of 0, and no centroids.
      const zeros = memory.place(new Float32Array(stretch.count + latents));
      const coded = placeCoded(memory, grid, latents);
      const gain = this.inverseGain.row(q);
      const targets = targetsOf(grid, 0);
      call.completeSymbols(
        cells,
        latents,
        stretch.coded,
        zeros,
        stretch.tables,
        0,
        gain,
        0,
        coded,
        indices,
        latents,
        ...targets,
      );
    }
  }

  /** Stretches of some cells each, with room for what is coded, and tables. */
  *stretches(grid: SymbolGrid) {
    const { symbols, covered, firstRow = 0 } = grid;
    const { memory } = this.parameters.kernels;
    const { latents } = this;
    if (!holdsCoded(grid.channels, 0, latents)) return;
    const all = codedCells(covered, symbols.height * symbols.width, firstRow * symbols.width);
    for (const q of qualitiesOf(grid)) {
      const numbers = cellsOfQuality(all, q, grid);
      const step = Math.min(numbers.length, Math.ceil(stretchSymbols / latents));
      const row = Uint8Array.from(this.logScales(q), (logScale) => nearestScale(scales, logScale));
      const mark = memory.mark();
      const rows = new Uint8Array(step * latents);
      for (let start = 0; start < rows.length; start += latents) rows.set(row, start);
      const tables = memory.place(rows);
      const coded = memory.allocate(rows.length * 4);
      for (let from = 0; from < numbers.length; from += step) {
        const cells = Math.min(step, numbers.length - from);
        const indices = memory.place(numbers.subarray(from, from + cells));
        yield { q, cells, indices, stretch: { count: cells * latents, tables, coded, first: 0, channels: latents } };
        memory.release(indices);
      }
      memory.release(mark);
    }
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

/** Bits of latents; adds to the parameters' gradients. */
export function* staticRate(prior: StaticPrior, input: RateInput): Steps<Rate> {
  const { values, unrounded, qualities, weights, steps } = input;
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
  const bits = qualities.map(() => 0);
  const runs = weighedRuns(input, rows);
  for (const { first, cells, q, image, weight } of runs) {
    yield;
    const start = first * latents * 4;
    const length = cells * latents;
    call.repeatRow(cells, latents, memory.place(prior.logScales(q)), logScale);
    doublesAt(memory, total, 1)[0] = 0;
    call.logisticBits(
      length,
      values.pointer + start,
      mean,
      logScale,
      weight,
      gradient.pointer + start,
      gradientMean,
      gradientLogScale,
      total,
    );
    if (unrounded) {
      const part = { count: length, unrounded: unrounded.pointer + start, mean, logScale };
      roundingSlopes(kernels, "logisticSteps", part, weight, gradient.pointer + start);
    }
    if (steps) {
      const [up, down] = [steps.up, steps.down].map(({ pointer }) => pointer + start);
      call.logisticSteps(length, values.pointer + start, mean, logScale, up, down);
    }
    if (training) {
      call.sumColumns(cells, latents, gradientLogScale, sums, 0);
      call.add(latents, sums, prior.logScale.gradient, prior.logScale.gradient);
      call.addScaled(latents, q, sums, prior.slope.gradient);
    }
    bits[image] += doublesAt(memory, total, 1)[0] / weights[image];
  }
  weighSteps(kernels, input, runs);
  return { bits, gradient };
}

export function staticTableShape(table: number): TableShape {
  const scale = scaleAt(scales, table);
  return {
    magnitude: Math.min(widestMagnitude, Math.max(1, Math.ceil(7 * scale))),
    mean: 0,
    scale,
    symmetric: true,
    probability: (symbol) => logisticBin(symbol, scale),
  };
}

/** See `sendStretches`. */
export function* staticSend(prior: StaticPrior, grid: SymbolGrid): Generator<Stretch, void, void> {
  const { latents } = prior;
  for (const { cells, indices, stretch } of prior.stretches(grid)) {
    const { symbols } = grid;
    prior.parameters.kernels.call.gatherRows(cells, latents, symbols.pointer, latents, indices, stretch.coded, latents);
    yield stretch;
  }
}
