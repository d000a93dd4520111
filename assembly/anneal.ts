import { nextUniform } from "./random";
import { loadPart, storePart } from "./tail";
import { exponentialVector } from "./vectormath";

/**
 * One sweep of simulated annealing over integer symbols (Geman & Geman 1984), all of them at once: each takes one step up or down, or stays,
 * with the probabilities of its own Gibbs distribution while the others are held.
 */

/**
 * symbols (N x C) += -1, 0 or 1. The objective as a function of one symbol is taken as the sum of its own bits and of a parabola of
 * curvature[c]; `gradient` is the slope of that parabola at the symbol. slope (N x C) holds such slopes averaged over sweeps: it moves by
 * `rate` towards the present ones, and along the parabola with its symbol. A step costs `reluctance` besides.
 */
export function annealSymbols(
  N: i32, C: i32, symbols: usize, gradient: usize, up: usize, down: usize, curvature: usize, slope: usize,
  rate: f32, temperature: f32, reluctance: f32, state: usize,
): void {
  const coldness = f32x4.splat(-1 / temperature);
  const fraction = f32x4.splat(rate);
  const cost = f32x4.splat(reluctance);
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const nothing = f32x4.splat(0);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c += 4) {
      const part = min(C - c, 4);
      const curve = loadPart(curvature + (<usize>c << 2), part);
      const before = loadPart(slope, part);
      const average = f32x4.add(before, f32x4.mul(f32x4.sub(loadPart(gradient, part), before), fraction));

      const step = f32x4.add(f32x4.mul(curve, half), cost);
      const upwards = f32x4.add(f32x4.add(loadPart(up, part), step), average);
      const downwards = f32x4.sub(f32x4.add(loadPart(down, part), step), average);
      // Relative to the cheapest of the three, so that no weight overflows.
      const least = f32x4.pmin(f32x4.pmin(upwards, downwards), nothing);
      const weightUp = exponentialVector(f32x4.mul(f32x4.sub(upwards, least), coldness));
      const weightDown = exponentialVector(f32x4.mul(f32x4.sub(downwards, least), coldness));
      const weightStay = exponentialVector(f32x4.mul(f32x4.sub(nothing, least), coldness));

      const weightMove = f32x4.add(weightUp, weightDown);
      const draw = f32x4.mul(nextUniform(state), f32x4.add(weightStay, weightMove));
      const rises = f32x4.lt(draw, weightUp);
      const falls = v128.andnot(f32x4.lt(draw, weightMove), rises);
      const move = f32x4.sub(v128.and(one, rises), v128.and(one, falls));
      storePart(symbols, f32x4.add(loadPart(symbols, part), move), part);
      storePart(slope, f32x4.add(average, f32x4.mul(curve, move)), part);

      const bytes = <usize>part << 2;
      symbols += bytes;
      gradient += bytes;
      up += bytes;
      down += bytes;
      slope += bytes;
    }
  }
}
