import type { Pointer } from "../kernels/kernels.js";
import type { ReceiverNetwork } from "../models/receiver-network.js";
import { type Grid, gridLike, sizeOf } from "../nn/grid.js";
import type { Pacer } from "../pacer.js";
import type { Run } from "./areas.js";
import { ExcessCurvature } from "./excess-curvature.js";
import type { Objective } from "./objective.js";

/** How a search goes about. */
export interface Schedule {
  /** Times that the objective is differentiated and all symbols may move. */
  readonly sweeps: number;
  /** At the first sweep, in bits; it falls in equal steps, and the last sweep is greedy. */
  readonly temperature: number;
  /** How fast what the others say of a symbol is forgotten, 0 .. 1: 1 listens to the last sweep alone. */
  readonly rate: number;
  /** Gain in bits below which the greedy last sweep leaves a symbol alone. */
  readonly reluctance: number;
}

/** What may change: runs of cells, but not channels that are still. */
export interface Freedom {
  readonly movable: readonly Run[];
  /** 1 for each channel that keeps its symbols, which are 0. */
  readonly still: Uint8Array;
}

/** What is called greedy: as cold as the kernel's arithmetic bears. */
const frozen = 1e-3;

/** A curvature that no symbol climbs. */
const endless = 1e30;

/**
 * Looks for integer symbols of less cost by simulated annealing (Kirkpatrick et al. 1983): every sweep differentiates the objective at the
 * present symbols and lets all of them move at once, each as if the others stayed, at a falling temperature. Slopes are averaged over sweeps, so
 * that a symbol answers to what its neighbours do on the whole and not to their last move. (The aim is that of Yang, Bamler & Mandt 2020,
 * "Improving inference for neural image compression", section 3.2; that every state is an integer one lets each symbol's own bits be exact.)
 *
 * Changes `symbols` (integers as floats), never to something that costs more.
 */
export async function anneal(
  network: ReceiverNetwork,
  objective: Objective,
  symbols: Grid,
  { movable, still }: Freedom,
  schedule: Schedule,
  random: Pointer,
  pacer: Pacer,
): Promise<void> {
  const { kernels } = network;
  const { call, memory } = kernels;
  const { sweeps, reluctance } = schedule;
  const bend = new ExcessCurvature();
  const { channels } = symbols;
  const count = sizeOf(symbols);
  const mark = memory.mark();
  const curvature = memory.allocateFloats(channels);
  const linear = memory.f32(objective.curvature(), channels).slice();
  still.forEach((bit, channel) => {
    if (bit) linear[channel] = endless;
  });
  const slope = gridLike(kernels, symbols);
  call.fill(count, 0, slope.pointer);
  const best = gridLike(kernels, symbols);
  let leastCost = Number.POSITIVE_INFINITY;
  const keepBest = (cost: number): void => {
    if (cost >= leastCost) return;
    leastCost = cost;
    memory.copy(symbols.pointer, best.pointer, count * 4);
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const sweepMark = memory.mark();
    const { cost, gradient, up, down } = objective.evaluate(symbols);
    keepBest(cost);
    const excess = bend.meet(memory.f32(symbols.pointer, count), memory.f32(gradient.pointer, count), linear);
    memory.f32(curvature, channels).set(linear.map((curve) => curve + excess));
    const isLast = sweep === sweeps - 1;
    const progress = sweeps > 1 ? sweep / (sweeps - 1) : 1;
    for (const { first, cells } of movable) {
      const at = first * channels * 4;
      call.annealSymbols(
        cells,
        channels,
        symbols.pointer + at,
        gradient.pointer + at,
        up.pointer + at,
        down.pointer + at,
        curvature,
        slope.pointer + at,
        sweep === 0 ? 1 : schedule.rate,
        Math.max(frozen, schedule.temperature * (1 - progress)),
        isLast ? reluctance : 0,
        random,
      );
    }
    memory.release(sweepMark);
    await pacer.breathe((sweep + 1) / (sweeps + 1));
  }
  keepBest(objective.cost(symbols));
  memory.copy(best.pointer, symbols.pointer, count * 4);
  memory.release(mark);
}
