import { multiplierAt } from "../../distortion/multiplier.js";
import type { Pacer } from "../../ground/pacer.js";
import { paced } from "../../ground/steps.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../../nn/grid.js";
import type { Run } from "./areas.js";
import { ContextCurvature } from "./context-curvature.js";
import { estimateCurvature } from "./distortion-curvature.js";
import type { Objective } from "./objective.js";

/** How a search goes about. */
export interface Schedule {
  /** Times that the objective is differentiated and symbols may move. */
  readonly sweeps: number;
  /** At the first sweep, in bits; it falls in equal steps, and the last sweep is greedy. */
  readonly temperature: number;
  /** How fast what the others say of a symbol is forgotten, 0 .. 1: 1 listens to the last sweep alone. */
  readonly rate: number;
  /** Gain in bits below which the greedy last sweep leaves a symbol alone. */
  readonly reluctance: number;
  /** Share of the symbols, drawn at random, that may move in the first sweep and in the last; it falls by equal factors. */
  readonly share: readonly [first: number, last: number];
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
 * present symbols and lets many of them move at once, each as if the others stayed, at a falling temperature. Slopes are averaged over sweeps, so
 * that a symbol answers to what its neighbours do on the whole and not to their last move. (The aim is that of Yang, Bamler & Mandt 2020,
 * "Improving inference for neural image compression", section 3.2; that every state is an integer one lets each symbol's own bits be exact.)
 *
 * Changes `symbols` (integers as floats), never to something that costs more.
 */
export async function anneal(
  level: ReceiverLevel,
  objective: Objective,
  symbols: Grid,
  { movable, still }: Freedom,
  schedule: Schedule,
  random: Pointer,
  pacer: Pacer,
): Promise<void> {
  const { kernels } = level;
  const { call, memory } = kernels;
  const { sweeps } = schedule;
  const { channels } = symbols;
  const count = sizeOf(symbols);
  const mark = memory.mark();
  const contextCurvature = new ContextCurvature();
  const curvature = memory.allocateFloats(channels);
  const sensitivity = memory.allocateFloats(rowsOf(symbols));
  // Slopes averaged over sweeps: of the distortion, and of the bits of predicted symbols.
  const [slope, contextSlope, best] = [0, 0, 0].map(() => gridLike(kernels, symbols));
  for (const { pointer } of [slope, contextSlope]) call.fill(count, 0, pointer);
  let leastCost = Number.POSITIVE_INFINITY;
  const keepBest = (cost: number): void => {
    if (cost >= leastCost) return;
    leastCost = cost;
    memory.copy(symbols.pointer, best.pointer, count * 4);
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const sweepMark = memory.mark();
    const { cost, gradient, contextGradient, up, down, shiftUp, shiftDown } = await paced(
      objective.evaluate(symbols),
      pacer,
    );
    keepBest(cost);
    if (sweep === 0) {
      const curvatures = estimateCurvature(level, objective, symbols, gradient, random);
      const { channels: known, cells } = await paced(curvatures, pacer);
      memory.f32(curvature, channels).set(known.map((curve, channel) => (still[channel] ? endless : curve)));
      memory.f32(sensitivity, cells.length).set(cells);
    }
    const { temperature, rate, reluctance, share } = scheduleAt(schedule, sweep);
    call.moveTowards(count, rate, contextGradient.pointer, contextSlope.pointer);
    const bend = contextCurvature.meet(memory.f32(symbols.pointer, count), memory.f32(contextGradient.pointer, count));
    // A step costs its own bits and those of the symbols that it predicts.
    const bow = gridLike(kernels, symbols);
    call.fill(count, bend / 2, bow.pointer);
    for (const [sign, { pointer }] of [[1, up] as const, [-1, down] as const]) {
      call.addScaled(count, sign, contextSlope.pointer, pointer);
      call.add(count, pointer, bow.pointer, pointer);
    }
    for (const { first, cells } of movable) {
      const of = ({ pointer }: Grid): Pointer => pointer + first * channels * 4;
      call.annealSymbols(
        ...([cells, channels, of(symbols), of(gradient), of(up), of(down), of(shiftUp), of(shiftDown)] as const),
        ...([curvature, sensitivity + first * 4, of(slope), rate, temperature, reluctance, share, random] as const),
      );
    }
    memory.release(sweepMark);
    await pacer.breathe((sweep + 1) / (sweeps + 1));
  }
  keepBest(await paced(objective.cost(symbols), pacer));
  memory.copy(best.pointer, symbols.pointer, count * 4);
  memory.release(mark);
}

/** What a sweep, counted from 0, goes by. */
function scheduleAt({ sweeps, temperature, rate, reluctance, share: [first, last] }: Schedule, sweep: number) {
  const progress = sweeps > 1 ? sweep / (sweeps - 1) : 1;
  return {
    temperature: Math.max(frozen, temperature * (1 - progress)),
    rate: sweep === 0 ? 1 : rate,
    reluctance: sweep === sweeps - 1 ? reluctance : 0,
    share: first === last ? first : multiplierAt({ low: first, high: last }, 2 * progress - 1),
  };
}
