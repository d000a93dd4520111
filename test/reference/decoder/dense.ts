import { exponential, nearest, round, scaledNormalTail } from "../float32.js";
import type { ReferenceModel } from "./model.js";

/** docs/FORMAT.md, "Activations". */
export const activations: Readonly<Record<string, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  leakyRelu: (x) => (x > 0 ? x : round(x * round(0.01))),
  hardSwish: (x) => round(round(x * Math.min(Math.max(round(x + 3), 0), 6)) * round(1 / 6)),
  gelu: (x) => {
    const tail = round(scaledNormalTail(Math.abs(x)) * exponential(round(round(x * x) * -0.5)));
    return round(x * (x < 0 ? tail : round(1 - tail)));
  },
  tanh,
  sigmoid,
};

export function sigmoid(x: number): number {
  return round(1 / round(1 + exponential(-x)));
}

const tanhCoefficients = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
].map(round);

function tanh(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 0.625) {
    const square = round(x * x);
    const p = tanhCoefficients.reduce((sum, coefficient) => round(round(sum * square) + coefficient));
    return round(round(round(p * square) * x) + x);
  }
  const half = round(1 / round(exponential(round(magnitude + magnitude)) + 1));
  const far = round(1 - round(half + half));
  return x < 0 ? -far : far;
}

/** A layer: from `inputs` numbers to as many as its bias has. */
export type Layer = (input: ArrayLike<number>) => Float32Array;

/** docs/FORMAT.md, "Dense layers". */
export function dense(model: ReferenceModel, name: string, activation = "identity"): Layer {
  const weight = model.weights(`${name}.weight`);
  const bias = model.weights(`${name}.bias`);
  return (input) =>
    bias.map((start, o) => {
      let sum = start;
      for (let k = 0; k < input.length; k++) sum = round(sum + round(input[k] * weight[k * bias.length + o]));
      return activations[activation](sum);
    });
}

/** docs/FORMAT.md, "Dense layers in integers"; `largest` is the W of that page. */
export function integerDense(model: ReferenceModel, name: string, largest: number, activation = "identity"): Layer {
  const weight = model.weights(`${name}.weight`);
  const bias = model.weights(`${name}.bias`);
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  const columnScale = bias.map((_, o) => {
    let peak = 0;
    for (let k = 0; k < inputs; k++) peak = Math.max(peak, Math.abs(weight[k * outputs + o]));
    return round(peak / largest);
  });
  const integers = Array.from(weight, (value, i) => {
    const scale = columnScale[i % outputs];
    return scale === 0 ? 0 : Math.floor(value / scale + 0.5);
  });
  const limit = Math.min(32767, Math.floor((2 ** 31 - 1) / (inputs * largest)));

  return (input) => {
    const { integers: row, scale: rowScale } = integerRow(input, limit);
    return bias.map((start, o) => {
      let sum = 0;
      for (let k = 0; k < inputs; k++) sum += row[k] * integers[k * outputs + o];
      return activations[activation](round(round(round(sum) * round(rowScale * columnScale[o])) + start));
    });
  };
}

const largestFloat = round(3.4028234663852886e38);

function integerRow(input: ArrayLike<number>, limit: number): { integers: number[]; scale: number } {
  const row = Array.from(input);
  const peak = Math.max(...row.map(Math.abs));
  const factor = round(limit / peak);
  const usable = row.every(Number.isFinite) && peak > 0 && factor < largestFloat;
  return usable
    ? { integers: row.map((value) => nearest(round(value * factor))), scale: round(peak / limit) }
    : { integers: row.map(() => 0), scale: 0 };
}
