import type { Steps } from "../../ground/steps.js";
import type { Pointer } from "../../kernels/kernels.js";
import type { ReceiverLevel } from "../../models/receiver-level.js";
import { type Grid, sizeOf } from "../../nn/grid.js";
import type { Objective } from "./objective.js";

/** How far reconstructions are moved to see how their slopes change, in quantization steps: each at random, and along the slopes on the whole. */
const probe = { random: 0.1, along: 0.02 };
/**
 * Which part of the curvature along the slopes a channel has at least. Symbols move at once, and where the distortion counts means over large areas,
 * as SSIMULACRA 2 does, they then bend it many times as much as each alone.
 */
const commonShare = 0.1;
/** Cells differ by no more than this factor from the mean: single ones are estimated roughly. */
const widest = 8;

/** The curvature of the distortion by the reconstruction of a symbol, in bits: that of its channel times the sensitivity of its cell. */
export interface DistortionCurvature {
  /** One a channel. */
  readonly channels: Float32Array;
  /** One a cell, around 1: where a picture is smooth it shows more. */
  readonly cells: Float32Array;
}

/**
 * Estimates the diagonal of the distortion's Hessian by moving all reconstructions at once, each up or down at random (Bekas, Kokiopoulou & Saad 2007, "An
 * estimator for the diagonal of a matrix"), as the product of a factor for the channel and one for the cell; and what symbols that follow their
 * slopes together meet besides. `gradient`: the slopes at the symbols.
 */
export function* estimateCurvature(
  { kernels }: ReceiverLevel,
  objective: Objective,
  symbols: Grid,
  gradient: Grid,
  random: Pointer,
): Steps<DistortionCurvature> {
  const { call, memory } = kernels;
  const count = sizeOf(symbols);
  const { channels: C, width, height } = symbols;
  const mark = memory.mark();
  const before = memory.f32(gradient.pointer, count).slice();
  const shift = memory.allocateFloats(count);
  /** Products of moves and of what they change of the slopes. */
  function* bends(moves: Float32Array): Steps<Float32Array> {
    const shifted = memory.mark();
    memory.f32(shift, count).set(moves);
    const { pointer } = yield* objective.slopesAfter(symbols, shift);
    const after = memory.f32(pointer, count);
    const products = moves.map((move, i) => move * (after[i] - before[i]));
    memory.release(shifted);
    return products;
  }
  call.randomUniform(count, random, shift);
  const own = yield* bends(memory.f32(shift, count).map((draw) => (draw < 0.5 ? -probe.random : probe.random)));
  const steepness = Math.sqrt(before.reduce((sum, slope) => sum + slope * slope, 0) / count);
  const descent = before.map((slope) => (steepness > 0 ? (-slope * probe.along) / steepness : 0));
  const common = yield* bends(descent);

  memory.release(mark);
  yield;
  const channels = new Float32Array(C);
  const cells = new Float32Array(width * height);
  const [commonBends, commonMoves] = [new Float32Array(C), new Float32Array(C)];
  for (let i = 0; i < count; i++) {
    const channel = i % C;
    const curve = own[i] / probe.random ** 2;
    channels[channel] += curve / cells.length;
    cells[Math.floor(i / C)] += curve;
    commonBends[channel] += common[i];
    commonMoves[channel] += descent[i] ** 2;
  }
  const mean = cells.reduce((sum, value) => sum + value, 0) / cells.length;
  return {
    channels: channels.map((curve, channel) => {
      const along = commonMoves[channel] > 0 ? commonBends[channel] / commonMoves[channel] : 0;
      return Math.max(0, curve, commonShare * along);
    }),
    cells: smoothed(cells, width, height).map((sum) =>
      mean > 0 ? Math.max(1 / widest, Math.min(widest, sum / mean)) : 1,
    ),
  };
}

/** Means over 3 x 3 cells, as far as there are. */
function smoothed(values: Float32Array, width: number, height: number): Float32Array {
  return values.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    let count = 0;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        sum += values[row * width + column];
        count++;
      }
    }
    return sum / count;
  });
}
