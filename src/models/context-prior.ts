import type { Activation } from "../kernels/interface.js";
import type { Pointer } from "../kernels/kernels.js";
import { Dense, densePasses, initializeDense } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Parameter, Parameters } from "../nn/parameters.js";
import type { Random } from "../nn/random.js";
import type { Centroids } from "./centroids.js";
import { holdsCoded } from "./coded-channels.js";
import { ContextGroup, type DescribedGroup, groupPasses, initializeGroup, symbolInputs } from "./context-group.js";
import { gaussianBin } from "./densities.js";
import { addLogGradient, type Gains } from "./gains.js";
import { contextRows, neighbourIndices, neighbourOffsets, wavefronts } from "./neighbours.js";
import type { Prior, Rate, RateInput, Stretch, SymbolGrid, TableShape } from "./prior.js";
import { type ScaleTable, scaleAt } from "./scale-table.js";

/** From a symbol that is almost surely as predicted to the widest residual of a coarse component at the highest quality. */
const scales: ScaleTable = { count: 40, lowest: 0.11, logLowest: -2.2072749131897207, density: 6.126 };
/** Steps of the distance of a mean from its nearest integer, 0 to 1/2. */
const fractions = 5;
/** Behind what `predictGroup` writes. */
const spareSymbols = 3;
/** Cells that a sender predicts at once, at least. */
const sendRows = 256;
/** Standard deviations from the mean that tables cover; what lies beyond is left to the escape. */
const reach = 4.5;

export interface ContextPriorShape {
  readonly latents: number;
  readonly hidden: number;
  /** Channels of each group, in coding order; the groups see each other's symbols at their own cell. */
  readonly groups: readonly number[];
  readonly activation: Activation;
}

/**
 * A Gaussian for every symbol, its mean and scale predicted by a small dense network from four decoded neighbours, the quality,
 * and the channel groups already decoded at the same cell. (A causal context as in Minnen et al. 2018, section 3, in dense form; channel groups as in
 * Minnen & Singh 2020, section 3.) Cells are coded in wavefronts, each front one matrix product.
 */
export class ContextPrior implements Prior {
  readonly tableCount = scales.count * (fractions + 1);
  readonly contextRows = contextRows;
  readonly logScale: Parameter;
  readonly context: Dense;
  readonly groups: ContextGroup[];
  readonly latents: number;

  constructor(
    readonly parameters: Parameters,
    shape: ContextPriorShape,
    readonly inverseGain: Gains,
    private readonly centroids: Centroids,
  ) {
    const { latents, hidden, groups, activation } = shape;
    this.latents = latents;
    this.logScale = parameters.declare("prior.logScale", [latents]);
    this.context = new Dense(parameters, "prior.context", this.contextInputs, hidden, symbolInputs);
    let first = 0;
    this.groups = groups.map((channels, i) => {
      const group = new ContextGroup(parameters, `prior.groups.${i}`, { first, channels, hidden, activation });
      first += channels;
      return group;
    });
  }

  get contextInputs(): number {
    return neighbourOffsets.length * this.latents + 1;
  }

  prepare(): void {
    this.context.prepare();
    for (const group of this.groups) group.prepare();
  }

  *receive(grid: SymbolGrid): Generator<Stretch, void, void> {
    const { call, memory } = this.parameters.kernels;
    const { symbols, dequantized, reconstructed } = grid;
    const mark = memory.mark();
    const coded = memory.place(
      Int32Array.from({ length: this.latents }, (_, c) => (grid.channels?.[c] === 0 ? 0 : -1)),
    );
    const gain = this.inverseGain.row(grid.q);
    const walk = this.walk(grid);
    for (const cells of wavefronts(symbols, grid.covered, grid.firstRow)) {
      const frontMark = memory.mark();
      const front = this.begin(cells, grid);
      const { rows, indices } = front;
      // Each group is predicted from what is known by then, and completed before the next.
      for (const group of walk.groups) {
        const { first, channels } = group;
        const at = first * 4;
        const { mean, logScale, tables } = this.predict(group, front, grid, walk);
        const centred = memory.allocate(rows * channels * 4);
        yield { count: rows * channels, tables, coded: centred, first, channels };
        call.completeSymbols(
          rows,
          channels,
          centred,
          mean,
          logScale,
          gain + at,
          this.centroids.shares + at,
          coded + at,
          indices,
          this.latents,
          symbols.pointer + at,
          dequantized.pointer + at,
          reconstructed ? reconstructed.pointer + at : 0,
        );
      }
      memory.release(frontMark);
    }
    memory.release(mark);
  }

  /** What stays the same for all cells of a grid; groups without a coded channel are left out. */
  walk(grid: SymbolGrid): Walk {
    const groups = this.groups.filter(({ first, channels }) => holdsCoded(grid.channels, first, channels));
    return { ...this.symbolUnits(grid.q), groups: groups.map((group) => group.describe()) };
  }

  /** What the context says of cells, before any of their own symbols is known. */
  begin(cells: Int32Array, { dequantized, q }: SymbolGrid): Front {
    const { call, memory } = this.parameters.kernels;
    const { latents, contextInputs } = this;
    const rows = cells.length;
    const indices = memory.place(cells);
    const pointer = memory.allocateFloats(rows * contextInputs);
    call.gatherNeighbours(rows, latents, dequantized.width, indices, dequantized.pointer, q, pointer);
    const inputs = { pointer, batch: 1, height: 1, width: rows, channels: contextInputs };
    return { rows, indices, context: this.context.infer(inputs) };
  }

  /** Means and log scales in symbol units, and coding tables, of one group of some cells: rows of its channels. */
  predict(
    { first, channels, description }: DescribedGroup,
    { rows, indices, context }: Front,
    { dequantized }: SymbolGrid,
    { inverse, offset }: SymbolUnits,
  ): { mean: Pointer; logScale: Pointer; tables: Pointer } {
    const { call, memory } = this.parameters.kernels;
    const count = rows * channels;
    const mean = memory.allocateFloats(count + spareSymbols);
    const logScale = memory.allocateFloats(count + spareSymbols);
    const tables = memory.allocate(count + spareSymbols);
    const mark = memory.mark();
    call.predictGroup(
      rows,
      description,
      context.pointer,
      indices,
      dequantized.pointer,
      this.latents,
      inverse + first * 4,
      offset + first * 4,
      scales.logLowest,
      scales.density,
      scales.count,
      fractions,
      memory.allocate(call.groupWorkBytes(rows, description)),
      mean,
      logScale,
      tables,
    );
    memory.release(mark);
    return { mean, logScale, tables };
  }

  /** Per channel: one over the inverse gain, and what turns the network's log scale into that of a symbol. */
  symbolUnits(q: number): SymbolUnits {
    const { kernels } = this.parameters;
    const { call, memory } = kernels;
    const logGain = this.inverseGain.logRow(q).map((value) => -value);
    const inverse = memory.place(logGain);
    call.exponential(this.latents, inverse, inverse);
    const base = this.parameters.read(this.logScale);
    return { inverse, offset: memory.place(base.map((value, c) => value + logGain[c])) };
  }
}

const rowNumbers = (rows: number): Int32Array => Int32Array.from({ length: rows }, (_, row) => row);

/** Cells on their way through the prior. */
interface Front {
  readonly rows: number;
  /** Their raster indices, in kernel memory. */
  readonly indices: Pointer;
  readonly context: Grid;
}

interface SymbolUnits {
  readonly inverse: Pointer;
  readonly offset: Pointer;
}

interface Walk extends SymbolUnits {
  readonly groups: readonly DescribedGroup[];
}

/** `logScale`: log standard deviations of the dequantized latents without any context. */
export function initializeContextPrior(prior: ContextPrior, logScale: Float32Array, random: Random): void {
  prior.parameters.write(prior.logScale, logScale);
  initializeDense(prior.context, random);
  for (const group of prior.groups) initializeGroup(group, random);
}

/** Bits of noisy latents; adds to the parameters' gradients. */
export function contextRate(
  prior: ContextPrior,
  { values, dequantized, qualities, weights, steps, bitsOnly }: RateInput,
): Rate {
  const { kernels } = prior.parameters;
  const { call, memory } = kernels;
  const { latents } = prior;
  const rows = rowsOf(values);
  const every = rowNumbers(rows);
  const identity = memory.place(every);
  const neighbours = neighbourIndices(every, values).map((indices) => memory.place(indices));
  const inputs = gatherContext(
    prior,
    dequantized,
    neighbours,
    rows,
    (row) => qualities[Math.floor((row * values.batch) / rows)],
  );
  const context = densePasses.forward(prior.context, inputs);

  const mean = gridLike(kernels, values);
  const logScale = gridLike(kernels, values);
  for (const group of prior.groups) {
    const output = groupPasses.forward(group, context, slice(prior, dequantized, group.first, rows, identity));
    split(prior, group, output, identity, mean, logScale);
  }
  const imageRows = rows / values.batch;
  const scaleRows = qualities.map((q, image) => toSymbolUnits(prior, q, imageRows, image * imageRows, mean, logScale));

  if (steps) {
    const { up, down } = steps;
    call.gaussianSteps(sizeOf(values), values.pointer, mean.pointer, logScale.pointer, up.pointer, down.pointer);
  }
  const gradient = gridLike(kernels, values);
  const gradientMean = gridLike(kernels, values);
  const gradientLogScale = gridLike(kernels, values);
  const total = memory.allocate(8);
  const sums = memory.allocateFloats(latents);
  const bits = qualities.map((q, image) => {
    const at = image * imageRows * latents * 4;
    memory.f64(total, 1)[0] = 0;
    call.gaussianBits(
      imageRows * latents,
      values.pointer + at,
      mean.pointer + at,
      logScale.pointer + at,
      weights[image],
      gradient.pointer + at,
      gradientMean.pointer + at,
      gradientLogScale.pointer + at,
      total,
    );
    if (prior.parameters.training) {
      // Mean and scale are the network's divided by the inverse gain: its logarithm takes a share of the gradient.
      call.sumColumns(imageRows, latents, gradientLogScale.pointer + at, sums, 0);
      call.add(latents, sums, prior.logScale.gradient, prior.logScale.gradient);
      call.sumColumnProducts(imageRows, latents, gradientMean.pointer + at, mean.pointer + at, sums, 1);
      addLogGradient(prior.inverseGain, q, -1, sums);
    }
    call.scaleColumns(imageRows, latents, gradientMean.pointer + at, scaleRows[image], gradientMean.pointer + at);
    return memory.f64(total, 1)[0] / weights[image];
  });

  const distribution = { mean, logScale };
  if (bitsOnly) return { bits, gradient, distribution };
  const contextGradient = gridLike(kernels, dequantized);
  call.fill(sizeOf(contextGradient), 0, contextGradient.pointer);
  const hiddenGradient = gridLike(kernels, context);
  call.fill(sizeOf(hiddenGradient), 0, hiddenGradient.pointer);
  for (const group of prior.groups) {
    const outputGradient = join(prior, group, identity, gradientMean, gradientLogScale);
    const { context: share, own } = groupPasses.backward(group, outputGradient);
    call.add(sizeOf(share), hiddenGradient.pointer, share.pointer, hiddenGradient.pointer);
    if (own) call.addRows(rows, group.first, own.pointer, group.first, identity, contextGradient.pointer, latents);
  }
  const inputGradient = densePasses.backward(prior.context, hiddenGradient);
  neighbours.forEach((indices, i) => {
    const from = inputGradient.pointer + i * latents * 4;
    call.addRows(rows, latents, from, prior.contextInputs, indices, contextGradient.pointer, latents);
  });
  return { bits, gradient, distribution, contextGradient };
}

/** Rows of the four neighbours' dequantized latents side by side, and the quality. */
function gatherContext(
  { parameters, latents, contextInputs }: ContextPrior,
  dequantized: Grid,
  neighbours: readonly Pointer[],
  rows: number,
  quality: (row: number) => number,
): Grid {
  const { call, memory } = parameters.kernels;
  const pointer = memory.allocateFloats(rows * contextInputs);
  neighbours.forEach((indices, i) => {
    call.gatherRows(rows, latents, dequantized.pointer, latents, indices, pointer + i * latents * 4, contextInputs);
  });
  const floats = memory.f32(pointer, rows * contextInputs);
  for (let row = 0; row < rows; row++) floats[(row + 1) * contextInputs - 1] = quality(row);
  return { pointer, batch: 1, height: 1, width: rows, channels: contextInputs };
}

/** The first `channels` channels of the given cells; undefined where that is none. */
function slice(
  { parameters, latents }: ContextPrior,
  dequantized: Grid,
  channels: number,
  rows: number,
  indices: Pointer,
): Grid | undefined {
  if (channels === 0) return undefined;
  const { call, memory } = parameters.kernels;
  const pointer = memory.allocateFloats(rows * channels);
  call.gatherRows(rows, channels, dequantized.pointer, latents, indices, pointer, channels);
  return { pointer, batch: 1, height: 1, width: rows, channels };
}

/** Turns rows of the network's means and log scales into those of symbols at quality q; returns the row of scales of the means. */
function toSymbolUnits(
  prior: ContextPrior,
  q: number,
  rows: number,
  firstRow: number,
  mean: Grid,
  logScale: Grid,
): Pointer {
  const { call, memory } = prior.parameters.kernels;
  const { latents } = prior;
  const at = firstRow * latents * 4;
  const { inverse, offset } = prior.symbolUnits(q);
  call.scaleColumns(rows, latents, mean.pointer + at, inverse, mean.pointer + at);
  memory.scope(() => {
    const offsets = memory.allocateFloats(rows * latents);
    call.repeatRow(rows, latents, offset, offsets);
    call.add(rows * latents, logScale.pointer + at, offsets, logScale.pointer + at);
  });
  return inverse;
}

/** Spreads a group's output (means, then log scales) over its columns of the two grids. */
function split(
  prior: ContextPrior,
  { first, channels }: ContextGroup,
  output: Grid,
  everyRow: Pointer,
  mean: Grid,
  logScale: Grid,
): void {
  const { call } = prior.parameters.kernels;
  const rows = rowsOf(output);
  const { latents } = prior;
  call.placeRows(rows, channels, output.pointer, 2 * channels, everyRow, mean.pointer + first * 4, latents);
  call.placeRows(
    rows,
    channels,
    output.pointer + channels * 4,
    2 * channels,
    everyRow,
    logScale.pointer + first * 4,
    latents,
  );
}

/** The adjoint of `split`. */
function join(
  prior: ContextPrior,
  { first, channels }: ContextGroup,
  everyRow: Pointer,
  mean: Grid,
  logScale: Grid,
): Grid {
  const { call, memory } = prior.parameters.kernels;
  const rows = rowsOf(mean);
  const { latents } = prior;
  const pointer = memory.allocateFloats(rows * 2 * channels);
  call.gatherRows(rows, channels, mean.pointer + first * 4, latents, everyRow, pointer, 2 * channels);
  call.gatherRows(
    rows,
    channels,
    logScale.pointer + first * 4,
    latents,
    everyRow,
    pointer + channels * 4,
    2 * channels,
  );
  return { pointer, batch: 1, height: 1, width: rows, channels: 2 * channels };
}

export function contextTableShape(table: number): TableShape {
  const scale = scaleAt(scales, Math.floor(table / (fractions + 1)));
  const mean = (table % (fractions + 1)) / (2 * fractions);
  return {
    magnitude: Math.max(2, Math.ceil(reach * scale) + 1),
    scale,
    symmetric: mean === 0,
    probability: (symbol) => gaussianBin(symbol, mean, scale),
  };
}

/** See `sendStretches`. */
export function* contextSend(prior: ContextPrior, grid: SymbolGrid): Generator<Stretch, void, void> {
  const { memory } = prior.parameters.kernels;
  const mark = memory.mark();
  const walk = prior.walk(grid);
  for (const batch of batched(wavefronts(grid.symbols, grid.covered, grid.firstRow), sendRows)) {
    const batchMark = memory.mark();
    yield* sendFronts(prior, batch, grid, walk);
    memory.release(batchMark);
  }
  memory.release(mark);
}

/** Fronts whose symbols are all known, and so predicted in one go. */
function* sendFronts(
  prior: ContextPrior,
  fronts: readonly Int32Array[],
  grid: SymbolGrid,
  walk: Walk,
): Generator<Stretch, void, void> {
  const { call, memory } = prior.parameters.kernels;
  const front = prior.begin(concatenate(fronts), grid);
  const { rows, indices } = front;
  const predicted = walk.groups.map((group) => {
    const { first, channels } = group;
    const { mean, tables } = prior.predict(group, front, grid, walk);
    const coded = memory.allocate(rows * channels * 4);
    call.gatherRows(rows, channels, grid.symbols.pointer + first * 4, prior.latents, indices, coded, channels);
    call.centreSymbols(rows * channels, coded, mean, coded);
    return { first, channels, tables, coded };
  });
  let done = 0;
  for (const { length } of fronts) {
    for (const { first, channels, tables, coded } of predicted) {
      const at = done * channels;
      yield { count: length * channels, tables: tables + at, coded: coded + at * 4, first, channels };
    }
    done += length;
  }
}

/** Fronts until they have `rows` cells together. */
function* batched(fronts: Iterable<Int32Array>, rows: number): Generator<Int32Array[]> {
  let batch: Int32Array[] = [];
  let cells = 0;
  for (const front of fronts) {
    batch.push(front);
    cells += front.length;
    if (cells < rows) continue;
    yield batch;
    batch = [];
    cells = 0;
  }
  if (batch.length) yield batch;
}

function concatenate(fronts: readonly Int32Array[]): Int32Array {
  const cells = new Int32Array(fronts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const front of fronts) {
    cells.set(front, at);
    at += front.length;
  }
  return cells;
}
