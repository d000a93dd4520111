import type { Activation } from "../kernels/interface.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import { Dense, type DenseParts, denseParts, initializeDense, type WeightRounding } from "../nn/dense.js";
import type { Grid } from "../nn/grid.js";
import { type Parameter, type Parameters, type Placed, type TensorShape, trained } from "../nn/parameters.js";
import type { Random } from "../nn/random.js";
import type { Centroids } from "./centroids.js";
import { holdsCoded, placeCoded } from "./coded-parts.js";
import { ContextGroup, type DescribedGroup, type GroupParts, groupParts, initializeGroup } from "./context-group.js";
import { gaussianBin } from "./densities.js";
import type { Gains } from "./gains.js";
import { contextRows, neighbours, wavefronts } from "./neighbours.js";
import {
  cellsOfQuality,
  type Prior,
  qualitiesOf,
  type Stretch,
  type SymbolGrid,
  type TableShape,
  targetsOf,
} from "./prior.js";
import { type ScaleTable, scaleAt } from "./scale-table.js";

/** From a symbol that is almost surely as predicted to the widest residual of a coarse component at the highest quality. */
const scales: ScaleTable = { count: 40, lowest: 0.11, logLowest: -2.2072749131897207, density: 6.126 };
/** Steps of the distance of a mean from its nearest integer, 0 to 1/2. */
const fractions = 5;
const tables = scales.count * (fractions + 1);
/** Behind what `predictGroup` writes. */
const spareSymbols = 3;
/** Products of cells that are predicted at once. */
const pieceProducts = 1 << 26;
/** Of the centred symbols -16 .. 15. */
const centroidsOfTable = 32;
/** Standard deviations from the mean that tables cover; what lies beyond is left to the escape. */
const reach = 4.5;

export interface ContextPriorShape {
  readonly latents: number;
  readonly hidden: number;
  /** Channels of each group, in coding order; the groups see each other's symbols at their own cell. */
  readonly groups: readonly number[];
  readonly activation: Activation;
  /** Of all its layers. */
  readonly weights: WeightRounding;
}

export interface ContextPriorParts {
  /** Tables are numbered from 0. */
  readonly tableCount: number;
  readonly logScale: TensorShape;
  readonly context: DenseParts;
  readonly groups: readonly GroupParts[];
}

export function contextPriorParts(shape: ContextPriorShape): ContextPriorParts {
  const { latents, hidden, weights } = shape;
  let first = 0;
  return {
    tableCount: tables,
    logScale: trained([latents]),
    context: denseParts(neighbours * latents + 1, hidden, {
      ...weights,
      sparseInputs: true, // dequantized symbols
    }),
    groups: shape.groups.map((channels) => {
      const group = groupParts(first, channels, shape);
      first += channels;
      return group;
    }),
  };
}

/**
 * A Gaussian for every symbol, its mean and scale predicted by a small dense network from four decoded neighbours, the quality,
 * and the channel groups already decoded at the same cell. (A causal context as in Minnen et al. 2018, section 3, in dense form; channel groups as in
 * Minnen & Singh 2020, section 3.) Cells are coded in wavefronts, each front one matrix product.
 */
export class ContextPrior implements Prior {
  readonly kind = "context";
  readonly contextRows = contextRows;
  readonly logScale: Parameter;
  readonly context: Dense;
  readonly groups: ContextGroup[];
  readonly latents: number;
  private readonly centroidTables: Pointer;
  private knowsCentroids = false;

  constructor(
    readonly parameters: Parameters,
    { logScale, context, groups }: Placed<ContextPriorParts>,
    readonly inverseGain: Gains,
    readonly centroids: Centroids,
  ) {
    this.latents = logScale.count;
    this.centroidTables = parameters.kernels.memory.allocateFloats(tables * centroidsOfTable);
    this.logScale = logScale;
    this.context = new Dense(parameters, context);
    this.groups = groups.map((parts) => new ContextGroup(parameters, parts));
  }

  /** How far the centroids of centred symbols lie from them, for each table: see `completeSymbols`. */
  get placedCentroids(): Pointer {
    const { kernels } = this.parameters;
    const { call, memory } = kernels;
    if (!this.knowsCentroids) memory.scope(() => call.centroids(...placeTableEntries(kernels), this.centroidTables));
    this.knowsCentroids = true;
    return this.centroidTables;
  }

  *receive(grid: SymbolGrid): Generator<Stretch, void, void> {
    const { call, memory } = this.parameters.kernels;
    const centroids = this.placedCentroids;
    const mark = memory.mark();
    const coded = placeCoded(memory, grid, this.latents);
    const { groups, units } = this.walk(grid);
    // Some milliseconds of work: of models that anybody would train, whole fronts.
    const { inputs, outputs } = this.context;
    const step = Math.ceil(pieceProducts / (outputs * (inputs + outputs + 3 * this.latents)));
    for (const front of wavefronts(grid.symbols, grid.covered, grid.firstRow)) {
      for (const unit of units) {
        const cells = cellsOfQuality(front, unit.q, grid);
        const frontMark = memory.mark();
        const begun: Front[] = [];
        // Each group is predicted from what is known by then, and completed before the next.
        for (const group of groups)
          for (let from = 0; from < cells.length; from += step) {
            begun[from] ??= this.begin(cells.subarray(from, from + step), grid, unit);
            const { rows, indices } = begun[from];
            const { first, channels } = group;
            const at = first * 4;
            const { mean, tables } = this.predict(group, begun[from], grid);
            grid.adjust?.(mean, tables, begun[from], group);
            const centred = memory.allocate(rows * channels * 4);
            yield { count: rows * channels, tables, coded: centred, first, channels };
            call.completeSymbols(
              rows,
              channels,
              centred,
              mean,
              tables,
              centroids,
              unit.gain + at,
              this.centroids.share.value + at,
              coded + at,
              indices,
              this.latents,
              ...targetsOf(grid, first),
            );
          }
        memory.release(frontMark);
      }
    }
    memory.release(mark);
  }

  /** What stays the same for all cells of a grid; groups without a coded channel are left out. */
  walk(grid: SymbolGrid): Walk {
    const groups = this.groups.filter(({ first, channels }) => holdsCoded(grid.channels, first, channels));
    return {
      groups: groups.map((group) => group.describe()),
      units: Array.from(qualitiesOf(grid), (q) => this.symbolUnits(q)),
    };
  }

  /** What the context says of cells of one quality, before any of their own symbols is known. */
  begin(cells: Int32Array, { dequantized }: SymbolGrid, units: SymbolUnits): Front {
    const { call, memory } = this.parameters.kernels;
    const { latents } = this;
    const contextInputs = this.context.inputs;
    const rows = cells.length;
    const indices = memory.place(cells);
    const pointer = memory.allocateFloats(rows * contextInputs);
    call.gatherNeighbours(rows, latents, dequantized.width, indices, dequantized.pointer, units.q, pointer);
    const inputs = { pointer, batch: 1, height: 1, width: rows, channels: contextInputs };
    return { rows, indices, units, context: this.context.infer(inputs) };
  }

  /** Means in symbol units, and coding tables, of one group of some cells: rows of its channels. */
  predict(
    { first, channels, description }: DescribedGroup,
    { rows, indices, context, units: { inverse, offset } }: Front,
    { dequantized }: SymbolGrid,
  ): { mean: Pointer; tables: Pointer } {
    const { call, memory } = this.parameters.kernels;
    const count = rows * channels;
    const mean = memory.allocateFloats(count + spareSymbols);
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
      tables,
    );
    memory.release(mark);
    return { mean, tables };
  }

  /** Per channel, at quality q: the inverse gain, one over it, and what turns the network's log scale into that of a symbol. */
  symbolUnits(q: number): SymbolUnits {
    const { kernels } = this.parameters;
    const { call, memory } = kernels;
    const logGain = this.inverseGain.logRow(q).map((value) => -value);
    const inverse = memory.place(logGain);
    call.exponential(this.latents, inverse, inverse);
    const base = this.parameters.read(this.logScale);
    const offset = memory.place(base.map((value, c) => value + logGain[c]));
    return { q, gain: this.inverseGain.row(q), inverse, offset };
  }
}

/** How many entries tables have together, then the centred symbols -16 .. 15 under each, with the mean and the scale that it stands for, in the caller's part of the arena. */
export function placeTableEntries({ memory }: Kernels) {
  const count = tables * centroidsOfTable;
  const place = (numberOf: (symbol: number, table: number) => number): Pointer =>
    memory.place(
      Float32Array.from({ length: count }, (_, i) =>
        numberOf((i % centroidsOfTable) - centroidsOfTable / 2, Math.floor(i / centroidsOfTable)),
      ),
    );
  const symbols = place((symbol) => symbol);
  const mean = place((_, table) => (table % (fractions + 1)) / (2 * fractions));
  const logScale = place((_, table) => scales.logLowest + Math.floor(table / (fractions + 1)) / scales.density);
  return [count, symbols, mean, logScale] as const;
}

/** Cells of one quality on their way through the prior. */
export interface Front {
  readonly rows: number;
  /** Their raster indices, in kernel memory. */
  readonly indices: Pointer;
  readonly units: SymbolUnits;
  readonly context: Grid;
}

export interface SymbolUnits {
  readonly q: number;
  readonly gain: Pointer;
  readonly inverse: Pointer;
  readonly offset: Pointer;
}

export interface Walk {
  readonly groups: readonly DescribedGroup[];
  /** Of each quality. */
  readonly units: readonly SymbolUnits[];
}

/** `logScale`: log standard deviations of the dequantized latents without any context. */
export function initializeContextPrior(prior: ContextPrior, logScale: Float32Array, random: Random): void {
  prior.parameters.write(prior.logScale, logScale);
  initializeDense(prior.context, random);
  for (const group of prior.groups) initializeGroup(group, random);
}

export function contextTableShape(table: number): TableShape {
  const scale = scaleAt(scales, Math.floor(table / (fractions + 1)));
  const mean = (table % (fractions + 1)) / (2 * fractions);
  return {
    magnitude: Math.max(2, Math.ceil(reach * scale) + 1),
    mean,
    scale,
    symmetric: mean === 0,
    probability: (symbol) => gaussianBin(symbol, mean, scale),
  };
}
