import { multiplyAdd } from "./simd";
import { loadPart, storePart } from "./tail";

/** One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). */
export function adam(
  count: i32, value: usize, gradient: usize, moment1: usize, moment2: usize, learningRate: f64,
  beta1: f64, beta2: f64, epsilon: f64, weightDecay: f64, correction1: f64, correction2: f64, gradientScale: f64,
): void {
  const scale = f32x4.splat(<f32>gradientScale);
  const fresh1 = f32x4.splat(<f32>(1 - beta1));
  const fresh2 = f32x4.splat(<f32>(1 - beta2));
  const kept2 = f32x4.splat(<f32>beta2);
  const root = f32x4.splat(<f32>(1 / correction2));
  const small = f32x4.splat(<f32>epsilon);
  const rate = f32x4.splat(<f32>(-learningRate / correction1));
  const decay = f32x4.splat(<f32>(-learningRate * weightDecay));
  for (; count > 0; count -= 4) {
    const part = min(count, 4);
    const g = f32x4.mul(loadPart(gradient, part), scale);
    const oldFirst = loadPart(moment1, part);
    const first = multiplyAdd(f32x4.sub(g, oldFirst), fresh1, oldFirst);
    const second = multiplyAdd(f32x4.mul(g, g), fresh2, f32x4.mul(loadPart(moment2, part), kept2));
    const direction = f32x4.div(first, f32x4.add(f32x4.sqrt(f32x4.mul(second, root)), small));
    const old = loadPart(value, part);
    storePart(moment1, first, part);
    storePart(moment2, second, part);
    storePart(value, multiplyAdd(direction, rate, multiplyAdd(old, decay, old)), part);
    value += 16;
    gradient += 16;
    moment1 += 16;
    moment2 += 16;
  }
}
