import { frequenciesFrom, type TableBank, tableLimits } from "../codec/tables.js";
import type { Network } from "../models/network.js";
import { scaleAt, scaleCount } from "../models/scale-table.js";
import { gatherWindows, gridSize } from "../models/tiling.js";
import { sizeOf } from "../nn/grid.js";
import type { Random } from "../nn/random.js";
import type { Sampler } from "./training-set.js";

/** Qualities at which symbols are counted, spread evenly over -1 .. 1. */
const qualityCount = 33;
/** Largest magnitude that has a slot of its own in a table. */
const maxMagnitude = (tableLimits.maxSize - 1) >> 1;
/** A table reaches this many standard deviations; a logistic leaves one symbol in 100,000 to the escape. */
const reach = 7;

/**
 * The integer tables of a finished network. The shape of each table is learned: a histogram of the symbols that occur under
 * that table in training crops, smoothed by the logistic distribution that training assumed.
 */
export function makeTables(network: Network, sampler: Sampler, random: Random, batches: number): TableBank {
  const { kernels } = network;
  const counts = Array.from({ length: scaleCount }, () => new Float64Array(2 * maxMagnitude + 1));
  for (let i = 0; i < batches; i++) {
    for (const q of qualities()) kernels.memory.scope(() => countSymbols(network, sampler, random, q, counts));
  }
  const used = counts.findLastIndex((histogram) => histogram.some((count) => count > 0));
  const tables = counts.slice(0, used + 1).map(tableOf);
  return {
    minimum: Int32Array.from(tables, ({ magnitude }) => -magnitude),
    size: Int32Array.from(tables, ({ magnitude }) => 2 * magnitude + 1),
    frequencies: Uint16Array.from(tables.flatMap(({ frequencies }) => [...frequencies])),
  };
}

const qualities = (): number[] => Array.from({ length: qualityCount }, (_, i) => (2 * i) / (qualityCount - 1) - 1);

function countSymbols(network: Network, sampler: Sampler, random: Random, q: number, counts: Float64Array[]): void {
  const { kernels, configuration: c, analysis, gain, prior } = network;
  if (!analysis || !gain) throw new Error("A receiver's network cannot count symbols");
  const batch = sampler.batch(random, [q]);
  const windows = gatherWindows(kernels, c, batch.canvas, gridSize(c, batch.target), c.analysisMargin);
  const latents = gain.forward(analysis.infer(windows), [q]);
  const symbols = kernels.memory.allocate(sizeOf(latents) * 4);
  kernels.call.quantize(sizeOf(latents), latents.pointer, maxMagnitude, symbols);
  const tableIndex = prior.tableIndex(q, sizeOf(latents) / c.latents, scaleCount);
  kernels.memory.i32(symbols, tableIndex.length).forEach((symbol, i) => {
    counts[tableIndex[i]][symbol + maxMagnitude]++;
  });
}

function tableOf(histogram: Float64Array, index: number): { magnitude: number; frequencies: Uint16Array } {
  const scale = scaleAt(index);
  const magnitude = Math.min(maxMagnitude, Math.max(1, Math.ceil(reach * scale)));
  const total = histogram.reduce((sum, count) => sum + count, 0);
  // The wider the distribution, the more symbols share the counts, the more the smoothing has to weigh.
  const smoothing = 30 + 30 * scale;
  const weights = new Float64Array(2 * magnitude + 2);
  let inside = 0;
  let logisticInside = 0;
  for (let symbol = -magnitude; symbol <= magnitude; symbol++) {
    // Distributions are symmetric by design: the sign of a component is arbitrary.
    const count = (histogram[maxMagnitude + symbol] + histogram[maxMagnitude - symbol]) / 2;
    const logistic = logisticBin(symbol, scale);
    weights[symbol + magnitude] = count + smoothing * logistic;
    inside += count;
    logisticInside += logistic;
  }
  weights[2 * magnitude + 1] = total - inside + smoothing * Math.max(1 - logisticInside, 1e-6);
  return { magnitude, frequencies: frequenciesFrom(weights) };
}

/** Probability of a zero-mean logistic of standard deviation `scale` in the unit bin around `value`. */
function logisticBin(value: number, scale: number): number {
  const s = (scale * Math.sqrt(3)) / Math.PI;
  const d = Math.abs(value);
  const cumulative = (x: number): number => 1 / (1 + Math.exp(-x / s));
  return cumulative(0.5 - d) - cumulative(-0.5 - d);
}
