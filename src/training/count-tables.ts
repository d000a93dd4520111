import { levelsOf } from "../models/configuration.js";
import { gainsPass } from "../models/gains.js";
import type { LatentLevel } from "../models/latent-level.js";
import type { Network } from "../models/network.js";
import type { TableShape } from "../models/prior.js";
import { choosesSymbols, sendStretches, tableShapeOf } from "../models/rate.js";
import { receiverParts } from "../models/receiver-level.js";
import { frequenciesFrom, maxSymbol, type TableBank } from "../models/tables.js";
import { gatherWindows, gridSize } from "../models/tiling.js";
import { inferTransform } from "../models/transform.js";
import { gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import type { Random } from "../nn/random.js";
import { Breath, longScope } from "./breath.js";
import type { Batch } from "./step.js";
import type { Sampler } from "./training-set.js";

/** Qualities at which symbols are counted, spread evenly over -1 .. 1. */
const qualities = /* @__PURE__ */ Array.from({ length: 33 }, (_, i) => i / 16 - 1);

/** Tables, and the crops that were counted into them. */
export interface CountedTables {
  readonly tables: TableBank;
  readonly crops: number;
}

/**
 * The integer tables of a finished network. The shape of each table is learned: a histogram of what is coded under that
 * table in training crops at each of 33 qualities, smoothed by the distribution that training assumed. One crop at least is counted, and then
 * further ones while `goesOn`, which is told their number and the seconds that the last one took, says so.
 */
export async function makeTables(
  network: Network,
  sampler: Sampler,
  random: Random,
  goesOn: (crops: number, seconds: number) => boolean,
  breath = new Breath(),
): Promise<CountedTables> {
  const { kernels } = network;
  const { prior } = network.levels[0];
  const shapes = Array.from({ length: tableCountOf(network) }, (_, table) => tableShapeOf(prior, table));
  const counts = shapes.map(({ magnitude }) => new Float64Array(2 * magnitude + 2));
  let crops = 0;
  let before = performance.now();
  do {
    before = performance.now();
    for (const q of qualities) {
      await longScope(kernels.memory, () => countSymbols(network, sampler, random, q, counts));
      await breath.breathe();
    }
    crops++;
  } while (goesOn(crops, (performance.now() - before) / 1000));
  const widest = shapes.reduce(
    (most, { scale }, t) => (counts[t].some((count) => count > 0) ? Math.max(most, scale) : most),
    0,
  );
  const assumed = learnedShapes(shapes, counts);
  const tables = shapes.map((shape, t) => tableOf(shape, counts[t], assumed[t], shape.scale > widest));
  const bank = {
    minimum: Int32Array.from(tables, ({ magnitude }) => -magnitude),
    size: Int32Array.from(tables, ({ magnitude }) => 2 * magnitude + 1),
    frequencies: Uint16Array.from(tables.flatMap(({ frequencies }) => [...frequencies])),
  };
  return { tables: bank, crops };
}

const tableCountOf = ({ configuration }: Network): number =>
  receiverParts(levelsOf(configuration)[0]).prior?.tableCount ?? 0;

/** Seconds that a crop takes at all qualities, by one of them at a middle quality, of which nothing is left. */
export async function timeTableCrop(network: Network, sampler: Sampler, random: Random): Promise<number> {
  const { kernels } = network;
  const { prior } = network.levels[0];
  const counts = Array.from(
    { length: tableCountOf(network) },
    (_, table) => new Float64Array(2 * tableShapeOf(prior, table).magnitude + 2),
  );
  const before = performance.now();
  await longScope(kernels.memory, () => countSymbols(network, sampler, random, 0, counts));
  return ((performance.now() - before) / 1000) * qualities.length;
}

/** Adds to the histograms: one slot for each integer from -magnitude to magnitude, then one for all others. */
async function countSymbols(
  network: Network,
  sampler: Sampler,
  random: Random,
  q: number,
  counts: Float64Array[],
): Promise<void> {
  const batch = await sampler.batch(random, [q]);
  for (const level of network.levels) countLevel(level, batch, q, counts);
}

function countLevel(level: LatentLevel, batch: Batch, q: number, counts: Float64Array[]): void {
  const { kernels, configuration: c, analysis, gain, inverseGain, prior } = level;
  const { call, memory } = kernels;
  if (!analysis || !gain) throw new Error("A receiver's network cannot count symbols");
  const windows = gatherWindows(kernels, c, batch.canvas, gridSize(c, batch.target), c.analysisMargin);
  const symbols = gainsPass(gain, inferTransform(analysis, windows), [q]).output;
  const unrounded = choosesSymbols(c) ? gridLike(kernels, symbols) : undefined;
  if (unrounded) memory.copy(symbols.pointer, unrounded.pointer, sizeOf(symbols) * 4);
  call.quantize(sizeOf(symbols), symbols.pointer, maxSymbol, symbols.pointer);
  const dequantized = gridLike(kernels, symbols);
  call.dequantize(rowsOf(symbols), c.latents, symbols.pointer, inverseGain.row(q), dequantized.pointer);
  for (const stretch of sendStretches(prior, { symbols, dequantized, unrounded, covered: undefined, q })) {
    const tables = memory.u8(stretch.tables, stretch.count);
    memory.i32(stretch.coded, stretch.count).forEach((symbol, i) => {
      const histogram = counts[tables[i]];
      const magnitude = (histogram.length - 2) / 2;
      histogram[Math.abs(symbol) <= magnitude ? symbol + magnitude : histogram.length - 1]++;
    });
  }
}

/** Standard deviations between two places where the learned shape of distributions is measured, and how many there are. */
const placeWidth = 0.25;
const places = 40;
/** Counts that a place of a learned shape begins with: those that training assumed. */
const placePrior = 30;

/**
 * Probabilities of the symbols of each table, from -magnitude on. All tables of one scale have one shape: that which training assumed, times what was counted for each
 * that was expected, as a function of the distance from the mean in standard deviations.
 */
export function learnedShapes(shapes: readonly TableShape[], counts: readonly Float64Array[]): Float64Array[] {
  const byScale = new Map<number, { found: Float64Array; expected: Float64Array }>();
  const distances = shapes.map(({ magnitude, mean, scale }) =>
    Float64Array.from({ length: 2 * magnitude + 1 }, (_, i) =>
      Math.min(places - 1.001, Math.abs(i - magnitude - mean) / scale / placeWidth),
    ),
  );
  const probabilities = shapes.map(({ magnitude, probability }) =>
    Float64Array.from({ length: 2 * magnitude + 1 }, (_, i) => Math.max(probability(i - magnitude), 1e-9)),
  );
  for (const [t, { scale }] of shapes.entries()) {
    const pooled = byScale.get(scale) ?? {
      found: new Float64Array(places).fill(placePrior),
      expected: new Float64Array(places).fill(placePrior),
    };
    byScale.set(scale, pooled);
    const total = counts[t].reduce((sum, count) => sum + count, 0);
    distances[t].forEach((distance, i) => {
      const place = Math.floor(distance);
      const further = distance - place;
      for (const [at, share] of [
        [place, 1 - further],
        [place + 1, further],
      ]) {
        pooled.found[at] += share * counts[t][i];
        pooled.expected[at] += share * total * probabilities[t][i];
      }
    });
  }
  return shapes.map(({ scale }, t) => {
    const { found, expected } = byScale.get(scale)!;
    const ratio = found.map((count, at) => count / expected[at]);
    return probabilities[t].map((probability, i) => {
      const place = Math.floor(distances[t][i]);
      const further = distances[t][i] - place;
      return probability * ((1 - further) * ratio[place] + further * ratio[place + 1]);
    });
  });
}

/**
 * Integer frequencies of a table; a table wider than any that occurred is cut to almost nothing. The wider a distribution, the more symbols share its counts, and the
 * more the shape that it has in common with others counts.
 */
function tableOf(
  shape: TableShape,
  histogram: Float64Array,
  assumed: Float64Array,
  unused: boolean,
): { magnitude: number; frequencies: Uint16Array } {
  const counted = shape.magnitude;
  const magnitude = unused ? 1 : counted;
  const smoothing = 30 * (1 + 10 * shape.scale) ** 2;
  const weights = new Float64Array(2 * magnitude + 2);
  let sum = 0;
  for (let symbol = -magnitude; symbol <= magnitude; symbol++) {
    const mirrored = shape.symmetric ? -symbol : symbol;
    const count = (histogram[symbol + counted] + histogram[mirrored + counted]) / 2;
    weights[symbol + magnitude] = count + smoothing * assumed[symbol + counted];
    sum += assumed[symbol + counted];
  }
  weights[2 * magnitude + 1] = histogram[2 * counted + 1] + smoothing * Math.max(1 - sum, 1e-6);
  return { magnitude, frequencies: shortened(frequenciesFrom(weights)) };
}

/** Frequencies of four significant bits, which take less than half the bytes of exact ones and code as well; the largest makes up for what rounding has changed. */
export function shortened(exact: Uint16Array): Uint16Array {
  const frequencies = exact.slice();
  const rising = Array.from(exact.keys()).sort((a, b) => exact[a] - exact[b]);
  // What rounding takes from one is left to the next, which is no smaller.
  let left = 0;
  for (const i of rising) {
    const unit = 2 ** Math.max(0, 28 - Math.clz32(exact[i]));
    frequencies[i] = Math.min(65535, Math.round((exact[i] + left) / unit) * unit);
    left += exact[i] - frequencies[i];
  }
  frequencies[rising[rising.length - 1]] += left;
  return frequencies;
}
