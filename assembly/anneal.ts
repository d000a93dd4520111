import { nextUniform } from "./random";
import { loadPart, storePart } from "./tail";
import { exponentialVector } from "./vectormath";

/**
 * One sweep of simulated annealing over integer symbols (Geman & Geman 1984), all of them at once: each takes one step up or down, or stays,
 * with the probabilities of its own Gibbs distribution while the others are held.
 */

/**
 * symbols (N x C) += -1, 0 or 1. A step moves the symbol's reconstruction by shiftUp or shiftDown; the objective is taken as the sum of the
 * step's own cost (`up`, `down`) and of a parabola of curvature[c] * sensitivity[n] in the reconstruction, whose slope there is `gradient`. slope
 * (N x C) holds such slopes averaged over sweeps: it moves by `rate` towards the present ones, and along the parabola with its symbol. A step costs
 * `reluctance` besides.
 */
export function annealSymbols(
  N: i32, C: i32, symbols: usize, gradient: usize, up: usize, down: usize, shiftUp: usize, shiftDown: usize,
  curvature: usize, sensitivity: usize, slope: usize, rate: f32, temperature: f32, reluctance: f32, share: f32, state: usize,
): void {
  const coldness = f32x4.splat(-1 / temperature);
  const fraction = f32x4.splat(rate);
  const cost = f32x4.splat(reluctance);
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const nothing = f32x4.splat(0);
  const mobile = f32x4.splat(share);
  for (let n = 0; n < N; n++, sensitivity += 4) {
    const sensitive = v128.load32_splat(sensitivity);
    for (let c = 0; c < C; c += 4) {
      const part = min(C - c, 4);
      const curve = f32x4.mul(loadPart(curvature + (<usize>c << 2), part), sensitive);
      const before = loadPart(slope, part);
      const average = f32x4.add(before, f32x4.mul(f32x4.sub(loadPart(gradient, part), before), fraction));

      const rise = loadPart(shiftUp, part);
      const fall = loadPart(shiftDown, part);
      const halfCurve = f32x4.mul(curve, half);
      const climb = f32x4.mul(rise, f32x4.add(average, f32x4.mul(halfCurve, rise)));
      const descent = f32x4.mul(fall, f32x4.sub(f32x4.mul(halfCurve, fall), average));
      const upwards = f32x4.add(f32x4.add(loadPart(up, part), cost), climb);
      const downwards = f32x4.add(f32x4.add(loadPart(down, part), cost), descent);
      // Relative to the cheapest of the three, so that no weight overflows.
      const least = f32x4.pmin(f32x4.pmin(upwards, downwards), nothing);
      const weightUp = exponentialVector(f32x4.mul(f32x4.sub(upwards, least), coldness));
      const weightDown = exponentialVector(f32x4.mul(f32x4.sub(downwards, least), coldness));
      const weightStay = exponentialVector(f32x4.mul(f32x4.sub(nothing, least), coldness));

      const weightMove = f32x4.add(weightUp, weightDown);
      const draw = f32x4.mul(nextUniform(state), f32x4.add(weightStay, weightMove));
      const mayMove = f32x4.lt(nextUniform(state), mobile);
      const rises = v128.and(f32x4.lt(draw, weightUp), mayMove);
      const falls = v128.and(v128.andnot(f32x4.lt(draw, weightMove), rises), mayMove);
      const move = f32x4.sub(v128.and(one, rises), v128.and(one, falls));
      storePart(symbols, f32x4.add(loadPart(symbols, part), move), part);
      const shift = f32x4.sub(v128.and(rise, rises), v128.and(fall, falls));
      storePart(slope, f32x4.add(average, f32x4.mul(curve, shift)), part);

      const bytes = <usize>part << 2;
      symbols += bytes;
      gradient += bytes;
      up += bytes;
      down += bytes;
      shiftUp += bytes;
      shiftDown += bytes;
      slope += bytes;
    }
  }
}
