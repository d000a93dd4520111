import { viewOf } from "../ground/byte-source.js";
import { concatenate } from "../ground/bytes.js";
import type { ContextPrior, Walk } from "./context-prior.js";
import { wavefronts } from "./neighbours.js";
import { cellsOfQuality, type Stretch, type SymbolGrid } from "./prior.js";

/** Cells that a sender predicts at once, at least. */
const sendRows = 256;

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

/** Fronts whose symbols are all known, and so predicted in one go for each quality. */
function* sendFronts(
  prior: ContextPrior,
  fronts: readonly Int32Array[],
  grid: SymbolGrid,
  walk: Walk,
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
