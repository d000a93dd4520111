import { viewOf } from "../ground/byte-source.js";
import { concatenate } from "../ground/bytes.js";
import type { Kernels, Pointer } from "../kernels/kernels.js";
import type { Grid } from "../nn/grid.js";
import { type ContextPrior, type Front, placeTableEntries, type Walk } from "./context-prior.js";
import { wavefronts } from "./neighbours.js";
import { cellsOfQuality, type PredictedChannels, type Stretch, type SymbolGrid } from "./prior.js";

/** Cells that a sender predicts at once, at least. */
const sendRows = 256;
/** What a bit is worth where symbols are chosen, in squared quantization steps (docs/decisions/0065). */
const bitWorth = 0.055;

/** See `sendStretches`. */
export function* contextSend(prior: ContextPrior, grid: SymbolGrid): Generator<Stretch, void, void> {
  const { memory } = prior.parameters.kernels;
  const mark = memory.mark();
  const walk = prior.walk(grid);
  const choose = grid.unrounded && chooserOf(prior, grid, grid.unrounded);
  // What is chosen changes how the next front is predicted.
  const rows = choose ? 1 : sendRows;
  for (const batch of batched(wavefronts(grid.symbols, grid.covered, grid.firstRow), rows)) {
    const batchMark = memory.mark();
    yield* sendFronts(prior, batch, grid, walk, choose);
    memory.release(batchMark);
  }
  memory.release(mark);
}

/** Changes the symbols of a group of some cells as soon as they are predicted. */
type Choose = (mean: Pointer, tables: Pointer, front: Front, group: PredictedChannels) => void;

/** Bits that a step towards 0 saves, of the centred symbols -16 .. 15 of each table: see `chooseSymbols`. In the caller's part of the arena. */
export function placeSavings(kernels: Kernels): Pointer {
  const { call, memory } = kernels;
  const [count, symbols, ...density] = placeTableEntries(kernels);
  const [up, down] = [memory.allocateFloats(count), memory.allocateFloats(count)];
  call.gaussianSteps(count, symbols, ...density, up, down);
  // Of a symbol above 0 the step down leads towards 0, of one below the step up.
  const [savings, less] = [up, down].map((steps) => memory.f32(steps, count));
  memory.f32(symbols, count).forEach((symbol, i) => {
    savings[i] = symbol > 0 ? -less[i] : -savings[i];
  });
  return up;
}

/** Takes symbols nearer to what is predicted where that saves more bits than it costs. What it allocates belongs to the caller's part of the arena. */
function chooserOf(prior: ContextPrior, { symbols, dequantized }: SymbolGrid, { pointer: latents }: Grid): Choose {
  const { kernels } = prior.parameters;
  const { call } = kernels;
  const savings = placeSavings(kernels);
  const centroids = prior.placedCentroids;
  return (mean, tables, { rows, indices, units }, { first, channels }) => {
    const at = first * 4;
    call.chooseSymbols(
      ...([rows, channels, latents + at, mean, tables, savings, centroids] as const),
      ...([prior.centroids.share.value + at, units.gain + at, bitWorth, indices, prior.latents] as const),
      ...([symbols.pointer + at, dequantized.pointer + at] as const),
    );
  };
}

/** Fronts that are predicted in one go for each quality: one alone, or such as have no symbol to choose. */
function* sendFronts(
  prior: ContextPrior,
  fronts: readonly Int32Array[],
  grid: SymbolGrid,
  walk: Walk,
  choose: Choose | undefined,
): Generator<Stretch, void, void> {
  const { call, memory } = prior.parameters.kernels;
  const parts = walk.units.map((units) => {
    const own = fronts.map((cells) => cellsOfQuality(cells, units.q, grid));
    const lengths = own.map(({ length }) => length);
    const cells = new Int32Array(concatenate(own.map((some) => viewOf(some)!)).buffer);
    if (!cells.length) return { lengths, predicted: [] };
    const front = prior.begin(cells, grid, units);
    const { rows, indices } = front;
    const predicted = walk.groups.map((group) => {
      const { first, channels } = group;
      const { mean, tables } = prior.predict(group, front, grid);
      grid.adjust?.(mean, tables, front, group);
      choose?.(mean, tables, front, group);
      const coded = memory.allocate(rows * channels * 4);
      call.gatherRows(rows, channels, grid.symbols.pointer + first * 4, prior.latents, indices, coded, channels);
      call.centreSymbols(rows * channels, coded, mean, coded);
      return { first, channels, tables, coded };
    });
    return { lengths, predicted };
  });
  const done = parts.map(() => 0);
  for (const i of fronts.keys()) {
    for (const [part, { lengths, predicted }] of parts.entries()) {
      if (lengths[i] === 0) continue;
      for (const { first, channels, tables, coded } of predicted) {
        const at = done[part] * channels;
        yield { count: lengths[i] * channels, tables: tables + at, coded: coded + at * 4, first, channels };
      }
      done[part] += lengths[i];
    }
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
