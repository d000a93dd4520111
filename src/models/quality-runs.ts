import type { Kernels, Pointer } from "../kernels/kernels.js";
import { type Grid, rowsOf } from "../nn/grid.js";
import type { Gains } from "./gains.js";
import type { RateInput, SymbolGrid } from "./prior.js";

/** Quality of the cells of a grid: one for all, or one for each in raster order. */
export type CellQuality = Pick<SymbolGrid, "q" | "places">;

/** Cells next to each other in raster order that have one quality. */
export interface QualityRun {
  readonly first: number;
  readonly cells: number;
  readonly q: number;
}

/** The runs of a grid of `cells` cells. */
export function qualityRuns({ q, places }: CellQuality, cells: number): QualityRun[] {
  if (!places) return [{ first: 0, cells, q }];
  const runs: QualityRun[] = [];
  for (let first = 0, end = 1; first < cells; first = end++) {
    while (end < cells && places[end] === places[first]) end++;
    runs.push({ first, cells: end - first, q: places[first] });
  }
  return runs;
}

/** A run of a batch of images, and what its bits weigh. Rows are numbered over the whole batch. */
export interface WeighedRun extends QualityRun {
  readonly image: number;
  readonly weight: number;
}

/** The runs of a rate pass over images of `cells` cells each. */
export function weighedRuns({ qualities, weights, places }: RateInput, cells: number): WeighedRun[] {
  return qualities.flatMap((q, image) =>
    qualityRuns({ q, places: places?.qualities }, cells).map((run) => ({
      ...run,
      first: image * cells + run.first,
      image,
      weight: weights[image] * (places?.weightAt(run.q) ?? 1),
    })),
  );
}

/** Weighs the steps of each run as its bits are. */
export function weighSteps(
  { call }: Kernels,
  { steps, weights, places }: RateInput,
  runs: readonly WeighedRun[],
): void {
  if (!steps || !places) return;
  for (const { pointer, channels } of [steps.up, steps.down]) {
    for (const { first, cells, image, weight } of runs) {
      const at = pointer + first * channels * 4;
      call.addScaled(cells * channels, weight / weights[image] - 1, at, at);
    }
  }
}

/** A part of a grid's qualities: those of `cells` cells from `first` on. */
export const cellQualityOf = ({ q, places }: CellQuality, first: number, cells: number): CellQuality => ({
  q,
  places: places?.subarray(first, first + cells),
});

/** A function of quality that is worked out once for each. */
export function onceForEach<Result>(work: (q: number) => Result): (q: number) => Result {
  const known = new Map<number, Result>();
  return (q) => {
    if (!known.has(q)) known.set(q, work(q));
    return known.get(q)!;
  };
}

/** Kernels that multiply rows by a row, of floats or of integers. */
type ScaleKernel = "scaleColumns" | "dequantize";

/** Scales each cell of `input` by the gains at its quality. The rows of gains are placed in the caller's part of the arena. */
export function scaleCells(
  gains: Gains,
  input: Grid,
  quality: CellQuality,
  output: Pointer,
  kernel: ScaleKernel = "scaleColumns",
): void {
  const { call } = gains.parameters.kernels;
  const row = onceForEach((q) => gains.row(q));
  for (const { first, cells, q } of qualityRuns(quality, rowsOf(input))) {
    const at = first * input.channels * 4;
    call[kernel](cells, input.channels, input.pointer + at, row(q), output + at);
  }
}
