import { exponential } from "../../ground/arithmetic.js";
import { logistic } from "../../preview/arithmetic.js";
import {
  activate,
  activateGradient,
  addSymbol,
  addUnits,
  affine,
  conditionCount,
  conditionsVector,
  latents,
  type PreviewNetwork,
  sumsOf,
  symbolFeatures,
  synthesisFeature,
} from "../../preview/preview-network.js";

/** A preview as its encoder made it: what both networks are fitted to. */
export interface Example {
  readonly network: PreviewNetwork;
  readonly symbols: Int8Array;
  readonly coefficients: Float64Array;
}

/** Values and gradients of the tensors of one network, in the layout of `Weights`. */
export interface Tensors {
  readonly conditions: Float32Array;
  readonly input: Float32Array;
  readonly output: Float32Array;
  readonly bias: Float32Array;
}

const smallest = 1.52587890625e-5;

function addConditionGradients(
  vector: Float64Array,
  total: Float64Array,
  gradients: Float32Array,
  width: number,
): void {
  for (let h = 0; h < width; h++) {
    for (let i = 0; i < conditionCount; i++) gradients[i * width + h] += vector[i] * total[h];
    gradients[conditionCount * width + h] += total[h];
  }
}

/** Bits of the symbols under the prior; adds `weight` times their gradient to `gradients`. */
export function priorPass(example: Example, H: number, values: Tensors, gradients: Tensors, weight: number): number {
  const { network, symbols } = example;
  const { coded, baseScale } = network;
  const { input, output, bias } = values;
  const vector = conditionsVector(network.conditions);
  // Between two symbols that are not zero the hidden units stay the same: one segment, a row of these.
  let nonzero = 0;
  for (const i of coded) if (symbols[i] !== 0) nonzero++;
  const rows = (): Float64Array[] => Array.from({ length: nonzero + 1 }, () => new Float64Array(H));
  const [hidden, active] = [rows(), rows()];
  hidden[0].set(affine(vector, values.conditions, H));
  for (let h = 0; h < H; h++) active[0][h] = activate(hidden[0][h]);
  const raw = { location: 0, scale: 0, zero: 0 };
  const slopes = new Float64Array(coded.length * 3);
  let row = 0;
  let bits = 0;
  for (let n = 0; n < coded.length; n++) {
    const i = coded[n];
    addUnits(active[row], output, bias, i, raw);
    const { location: m, scale: s, zero: z } = raw;
    const logScale = baseScale[i] + s;
    const scale = exponential(Math.max(-4, Math.min(4, logScale)));
    const zero = logistic(Math.max(-12, Math.min(12, z)));
    const symbol = symbols[i];
    const above = (symbol + 0.5) / scale;
    const below = (symbol - 0.5) / scale;
    const A = logistic(above - m);
    const B = logistic(below - m);
    const isZero = symbol === 0 ? 1 : 0;
    const probability = Math.max(smallest, zero * isZero + (1 - zero) * (A - B));
    bits -= Math.log2(probability);
    const factor = (-weight / (probability * Math.LN2)) * (1 - zero);
    const dA = A * (1 - A);
    const dB = B * (1 - B);
    slopes[3 * n] = factor * (dB - dA);
    slopes[3 * n + 1] = Math.abs(logScale) < 4 ? factor * (dB * below - dA * above) : 0;
    slopes[3 * n + 2] = Math.abs(z) < 12 ? factor * zero * (isZero - (A - B)) : 0;
    if (symbol === 0) continue;
    row++;
    hidden[row].set(hidden[row - 1]);
    addSymbol(hidden[row], input, i, symbol);
    for (let h = 0; h < H; h++) active[row][h] = activate(hidden[row][h]);
  }
  priorBackward(example, H, values, gradients, { vector, hidden, active, slopes, row });
  return bits;
}

interface PriorTrace {
  readonly vector: Float64Array;
  readonly hidden: readonly Float64Array[];
  readonly active: readonly Float64Array[];
  /** Of the loss by the three outputs of each coded latent. */
  readonly slopes: Float64Array;
  /** The last segment. */
  readonly row: number;
}

function priorBackward(
  { network, symbols }: Example,
  H: number,
  values: Tensors,
  gradients: Tensors,
  trace: PriorTrace,
): void {
  const { coded } = network;
  const { output } = values;
  const { input: inputGradient, output: outputGradient, bias: biasGradient } = gradients;
  const { hidden, active, slopes } = trace;
  let { row } = trace;
  // By the hidden units of this segment and of all after it, and by the activations of this segment.
  const total = new Float64Array(H);
  const inner = new Float64Array(H);
  const close = (): void => {
    for (let h = 0; h < H; h++) {
      total[h] += inner[h] * activateGradient(hidden[row][h]);
      inner[h] = 0;
    }
  };
  for (let n = coded.length - 1; n >= 0; n--) {
    const i = coded[n];
    if (symbols[i] !== 0) {
      close();
      row--;
      const [signed, magnitude] = symbolFeatures(symbols[i]);
      const from = i * 2 * H;
      for (let h = 0; h < H; h++) {
        inputGradient[from + h] += signed * total[h];
        inputGradient[from + H + h] += magnitude * total[h];
      }
    }
    const at = i * 3 * H;
    const m = slopes[3 * n];
    const s = slopes[3 * n + 1];
    const z = slopes[3 * n + 2];
    for (let h = 0; h < H; h++) {
      const unit = active[row][h];
      outputGradient[at + h] += m * unit;
      outputGradient[at + H + h] += s * unit;
      outputGradient[at + 2 * H + h] += z * unit;
      inner[h] += m * output[at + h] + s * output[at + H + h] + z * output[at + 2 * H + h];
    }
    biasGradient[3 * i] += m;
    biasGradient[3 * i + 1] += s;
    biasGradient[3 * i + 2] += z;
  }
  close();
  addConditionGradients(trace.vector, total, gradients.conditions, H);
}

/** Squared error of the synthesis; adds `weight` times its gradient to `gradients`. */
export function synthesisPass(
  example: Example,
  S: number,
  values: Tensors,
  gradients: Tensors,
  weight: number,
): number {
  const { network, symbols, coefficients } = example;
  const { coded, stepOf, weights } = network;
  const { order, deviation } = weights;
  const { input, output, bias } = values;
  const { input: inputGradient, output: outputGradient, bias: biasGradient } = gradients;
  const vector = conditionsVector(network.conditions);
  const hidden = network.synthesisUnits(symbols, affine(vector, values.conditions, S), input);
  const sums = sumsOf(hidden, output, bias);
  let error = 0;
  const outer = new Float64Array(latents);
  for (const i of coded) {
    const difference = network.coefficient(i, symbols[i], sums[i]) - coefficients[order[i]];
    error += difference * difference;
    outer[i] = 2 * weight * difference * deviation[i];
    biasGradient[i] += outer[i];
  }
  const total = new Float64Array(S);
  for (let h = 0; h < S; h++) {
    const value = activate(hidden[h]);
    const at = h * latents;
    let sum = 0;
    for (let i = 0; i < latents; i++) {
      outputGradient[at + i] += value * outer[i];
      sum += outer[i] * output[at + i];
    }
    total[h] = sum * activateGradient(hidden[h]);
  }
  for (const i of coded) {
    if (symbols[i] === 0) continue;
    const value = synthesisFeature(symbols[i] * stepOf[i], deviation[i]);
    for (let h = 0; h < S; h++) inputGradient[i * S + h] += value * total[h];
  }
  addConditionGradients(vector, total, gradients.conditions, S);
  return error;
}
