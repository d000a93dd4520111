import { multiplyAdd } from "./simd";
import { loadPart, storePart } from "./tail";

/** The factors of one step, in all lanes, in memory: a load in the loop costs less than a register kept over it. */
const factors: usize = memory.data(8 * 16, 16);

// @ts-ignore: decorator
@inline
function factor(index: usize): v128 {
  return v128.load(factors + (index << 4));
}

// @ts-ignore: decorator
@inline
function firstMoment(old: v128, gradient: v128): v128 {
  return multiplyAdd(f32x4.sub(gradient, old), factor(1), old);
}

// @ts-ignore: decorator
@inline
function secondMoment(old: v128, gradient: v128): v128 {
  return multiplyAdd(f32x4.mul(gradient, gradient), factor(2), f32x4.mul(old, factor(3)));
}

// @ts-ignore: decorator
@inline
function moved(old: v128, first: v128, second: v128): v128 {
  const direction = f32x4.div(first, f32x4.add(f32x4.sqrt(f32x4.mul(second, factor(4))), factor(5)));
  return multiplyAdd(direction, factor(6), multiplyAdd(old, factor(7), old));
}

/** One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). */
export function adam(
  count: i32, value: usize, gradient: usize, moment1: usize, moment2: usize, learningRate: f64,
  beta1: f64, beta2: f64, epsilon: f64, weightDecay: f64, correction1: f64, correction2: f64, gradientScale: f64,
): void {
  v128.store(factors, f32x4.splat(<f32>gradientScale), 0);
  v128.store(factors, f32x4.splat(<f32>(1 - beta1)), 16);
  v128.store(factors, f32x4.splat(<f32>(1 - beta2)), 32);
  v128.store(factors, f32x4.splat(<f32>beta2), 48);
  v128.store(factors, f32x4.splat(<f32>(1 / correction2)), 64);
  v128.store(factors, f32x4.splat(<f32>epsilon), 80);
  v128.store(factors, f32x4.splat(<f32>(-learningRate / correction1)), 96);
  v128.store(factors, f32x4.splat(<f32>(-learningRate * weightDecay)), 112);
  // Two vectors a turn, all loads before all stores: the divisions and roots of both run side by side.
  for (; count >= 8; count -= 8) {
    const g0 = f32x4.mul(v128.load(gradient, 0), factor(0));
    const g1 = f32x4.mul(v128.load(gradient, 16), factor(0));
    const first0 = firstMoment(v128.load(moment1, 0), g0);
    const first1 = firstMoment(v128.load(moment1, 16), g1);
    const second0 = secondMoment(v128.load(moment2, 0), g0);
    const second1 = secondMoment(v128.load(moment2, 16), g1);
    const moved0 = moved(v128.load(value, 0), first0, second0);
    const moved1 = moved(v128.load(value, 16), first1, second1);
    v128.store(moment1, first0, 0);
    v128.store(moment1, first1, 16);
    v128.store(moment2, second0, 0);
    v128.store(moment2, second1, 16);
    v128.store(value, moved0, 0);
    v128.store(value, moved1, 16);
    value += 32;
    gradient += 32;
    moment1 += 32;
    moment2 += 32;
  }
  for (; count > 0; count -= 4) {
    const part = min(count, 4);
    const g = f32x4.mul(loadPart(gradient, part), factor(0));
    const first = firstMoment(loadPart(moment1, part), g);
    const second = secondMoment(loadPart(moment2, part), g);
    const updated = moved(loadPart(value, part), first, second);
    storePart(moment1, first, part);
    storePart(moment2, second, part);
    storePart(value, updated, part);
    value += 16;
    gradient += 16;
    moment1 += 16;
    moment2 += 16;
  }
}
