import { exponential, logarithm, logarithm2 } from "../ground/arithmetic.js";
import { logistic } from "./arithmetic.js";
import { total } from "./range-coder.js";
import { frequencies } from "./spectrum.js";
import { fitInto, thumbSide } from "./thumb.js";

/** What both ends know of a preview before its symbols. */
export interface Conditions {
  readonly transparent: boolean;
  /** Width over height. */
  readonly aspect: number;
  /** Index of the quantization step, 0 (coarse) .. 15. */
  readonly step: number;
  /** Length of the whole frame. */
  readonly bytes: number;
}

/** The numbers of a model. N = latents = coefficients, H = hidden units of the prior, S = of the synthesis. */
export interface Weights {
  readonly priorHidden: number;
  readonly synthesisHidden: number;
  /** Coefficient of each latent, in the order of coding. */
  readonly order: Float64Array;
  readonly mean: Float64Array;
  /** Standard deviation of each latent. */
  readonly deviation: Float64Array;
  /** (conditions + 1) x H: the last row is the bias. */
  readonly priorConditions: Float64Array;
  /** N x 2 x H: of a symbol and of its magnitude. */
  readonly priorInput: Float64Array;
  /** N x 3 x H: location, logarithm of the scale, logit of an extra zero. */
  readonly priorOutput: Float64Array;
  /** N x 3 */
  readonly priorBias: Float64Array;
  readonly synthesisConditions: Float64Array;
  /** N x S */
  readonly synthesisInput: Float64Array;
  /** S x N */
  readonly synthesisOutput: Float64Array;
  /** N */
  readonly synthesisBias: Float64Array;
  /** Location at 21 bytes, slope by the logarithm of the bytes, and scale of the logistic distribution of `step`. */
  readonly stepPrior: Float64Array;
}

export const latents = frequencies.length;
export const conditionCount = 5;
export const steps = 16;
/** Symbols are -40 .. 40, ... */
const largestSymbol = 40;
/** ... those of means, which take the extremes of colour in fine steps, -120 .. 120. */
const largestMean = 120;
const outputs = 3;

/** Quantization step of AC coefficients; mean colours are quantized twice as finely. */
const stepSizes = Float64Array.from(
  { length: steps },
  (_, i) => 0.25 * [1, 0.7937005259840998, 0.6299605249474366][i % 3] * 0.5 ** Math.floor(i / 3),
);
const dcFactor = 0.5;

function stepSize(coefficient: number, step: number): number {
  const { plane, x, y } = frequencies[coefficient];
  return stepSizes[step] * (x === 0 && y === 0 && plane < 3 ? dcFactor : 1);
}

const baseScales = new WeakMap<Weights, readonly Float64Array[]>();

/** Logarithms of the scales that the prior starts from, for each step. They take longer than a preview, so they are kept. */
function baseScalesOf(weights: Weights): readonly Float64Array[] {
  let scales = baseScales.get(weights);
  if (!scales) {
    const { order, deviation } = weights;
    scales = Array.from({ length: steps }, (_, step) =>
      deviation.map((value, i) => baseLogScale(value, stepSize(order[i], step))),
    );
    baseScales.set(weights, scales);
  }
  return scales;
}

export function conditionsVector({ transparent, aspect, step, bytes }: Conditions): Float64Array {
  const shape = clamp(logarithm2(aspect), -2, 2);
  return Float64Array.of(transparent ? 1 : 0, shape, Math.abs(shape), (step - 8) / 4, logarithm2(bytes / 21));
}

const clamp = (value: number, low: number, high: number): number => (value < low ? low : Math.min(value, high));

/** A model of previews. Both ends need the same one. */
export interface PreviewModel {
  /** Four characters that tell models apart. */
  readonly id: string;
  readonly weights: Weights;
}

/** The probabilities of the symbols of one latent, as integers. */
export interface Distribution {
  location: number;
  scale: number;
  /** Probability that the symbol is zero for no other reason. */
  zero: number;
  /** Largest magnitude of a symbol. */
  largest: number;
}

/** A distribution to be filled in. */
export const newDistribution = (): Distribution => ({ location: 0, scale: 1, zero: 0, largest: largestSymbol });

/** Hidden units of the prior, before and after their activation. */
export interface PriorState {
  readonly hidden: Float64Array;
  readonly active: Float64Array;
}

/** A network with what it knows beforehand about one preview: quantization steps and hidden units without symbols. */
export class PreviewNetwork {
  /** Latents that are coded under these conditions, ascending. */
  readonly coded: readonly number[];
  readonly stepOf: Float64Array;
  /** Largest magnitude of the symbols of each latent. */
  readonly largest: Int32Array;
  private readonly priorStart: Float64Array;
  private readonly synthesisStart: Float64Array;
  readonly baseScale: Float64Array;

  constructor(
    readonly weights: Weights,
    readonly conditions: Conditions,
  ) {
    const { order, priorHidden, synthesisHidden } = weights;
    const vector = conditionsVector(conditions);
    this.priorStart = affine(vector, weights.priorConditions, priorHidden);
    this.synthesisStart = affine(vector, weights.synthesisConditions, synthesisHidden);
    // A narrow thumb has few frequencies across.
    const size = fitInto(conditions.aspect, 1, thumbSide);
    const coded: number[] = [];
    this.stepOf = new Float64Array(latents);
    this.largest = new Int32Array(latents).fill(largestSymbol);
    this.baseScale = baseScalesOf(weights)[conditions.step];
    for (let i = 0; i < latents; i++) {
      const { plane, x, y } = frequencies[order[i]];
      const exists = x < size.width && y < size.height;
      if (exists && (plane < 3 || conditions.transparent)) coded.push(i);
      this.stepOf[i] = stepSize(order[i], conditions.step);
      if (x === 0 && y === 0) this.largest[i] = largestMean;
    }
    this.coded = coded;
  }

  /** The prior before the first symbol. */
  startPrior(): PriorState {
    const hidden = this.priorStart.slice();
    return { hidden, active: hidden.map(activate) };
  }

  /** Lets the prior know a symbol; zeros tell nothing. */
  observe({ hidden, active }: PriorState, latent: number, symbol: number): void {
    if (symbol === 0) return;
    addSymbol(hidden, this.weights.priorInput, latent, symbol);
    for (let h = 0; h < hidden.length; h++) active[h] = activate(hidden[h]);
  }

  /** The distribution of a latent's symbol after those that the prior has seen. */
  predict({ active }: PriorState, latent: number, into: Distribution): void {
    const { priorOutput, priorBias } = this.weights;
    addUnits(active, priorOutput, priorBias, latent, into);
    into.largest = this.largest[latent];
    into.scale = exponential(clamp(this.baseScale[latent] + into.scale, -4, 4));
    into.location *= into.scale;
    into.zero = logistic(clamp(into.zero, -12, 12));
  }

  /** Coefficients of the symbols (one a latent; those not coded are zero). */
  synthesize(symbols: Int8Array): Float64Array {
    const { order, synthesisOutput, synthesisBias } = this.weights;
    const sums = sumsOf(this.synthesisUnits(symbols), synthesisOutput, synthesisBias);
    const result = new Float64Array(latents);
    for (const i of this.coded) result[order[i]] = this.coefficient(i, symbols[i], sums[i]);
    return result;
  }

  /** Hidden units of the synthesis before their activation; of one that learns, its units without symbols and its first layer are given. */
  synthesisUnits(
    symbols: Int8Array,
    start: Float64Array = this.synthesisStart,
    input: Numbers = this.weights.synthesisInput,
  ): Float64Array {
    const S = start.length;
    const { deviation } = this.weights;
    const hidden = start.slice();
    for (const i of this.coded) {
      if (symbols[i] === 0) continue;
      const value = synthesisFeature(symbols[i] * this.stepOf[i], deviation[i]);
      for (let h = 0; h < S; h++) hidden[h] += value * input[i * S + h];
    }
    return hidden;
  }

  /** The coefficient of a latent, given the sum of the synthesis for it. */
  coefficient(latent: number, symbol: number, sum: number): number {
    const { mean, deviation } = this.weights;
    return mean[latent] + symbol * this.stepOf[latent] + deviation[latent] * sum;
  }
}

/** Weights as they are read, or as they learn. */
type Numbers = Float64Array | Float32Array;

/** Lets hidden units of the prior know a symbol that is not zero. */
export function addSymbol(hidden: Float64Array, input: Numbers, latent: number, symbol: number): void {
  const H = hidden.length;
  const [signed, magnitude] = symbolFeatures(symbol);
  const at = latent * 2 * H;
  for (let h = 0; h < H; h++) hidden[h] += signed * input[at + h] + magnitude * input[at + H + h];
}

/** The three outputs of the prior for a latent as they come: location in scales, logarithm of the scale beyond its start, logit of zero. */
export function addUnits(
  active: Float64Array,
  output: Numbers,
  bias: Numbers,
  latent: number,
  into: Pick<Distribution, "location" | "scale" | "zero">,
): void {
  const H = active.length;
  const at = latent * outputs * H;
  let location = bias[latent * outputs];
  let scale = bias[latent * outputs + 1];
  let zero = bias[latent * outputs + 2];
  for (let h = 0; h < H; h++) {
    const value = active[h];
    location += value * output[at + h];
    scale += value * output[at + H + h];
    zero += value * output[at + 2 * H + h];
  }
  into.location = location;
  into.scale = scale;
  into.zero = zero;
}

/** What the hidden units of a synthesis add up to for each latent. */
export function sumsOf(hidden: Float64Array, output: Numbers, bias: Numbers): Float64Array {
  const sums = Float64Array.from(bias);
  for (let h = 0; h < hidden.length; h++) {
    const value = activate(hidden[h]);
    if (value === 0) continue;
    const at = h * latents;
    for (let i = 0; i < latents; i++) sums[i] += value * output[at + i];
  }
  return sums;
}

export const baseLogScale = (deviation: number, step: number): number =>
  Math.max(-1.5, logarithm(deviation / step) - 0.6);

export const symbolFeatures = (symbol: number): readonly [number, number] => [
  clamp(symbol, -8, 8) / 4,
  Math.min(8, Math.abs(symbol)) / 4,
];

export const synthesisFeature = (value: number, deviation: number): number => clamp(value / deviation, -6, 6) / 2;

/** Hard swish. */
export const activate = (x: number): number => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6);

export const activateGradient = (x: number): number => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6);

/** Hidden units that know the conditions alone. */
export function affine(vector: Float64Array, matrix: Numbers, width: number): Float64Array {
  const result = Float64Array.from(matrix.subarray(vector.length * width, (vector.length + 1) * width));
  for (let i = 0; i < vector.length; i++) {
    for (let j = 0; j < width; j++) result[j] += vector[i] * matrix[i * width + j];
  }
  return result;
}

/** Where the interval of a symbol begins, of 65536; every symbol has at least one. */
export function cumulative({ location, scale, zero, largest }: Distribution, symbol: number): number {
  if (symbol <= -largest) return 0;
  if (symbol > largest) return total;
  const below = (1 - zero) * logistic((symbol - 0.5 - location) / scale) + (symbol > 0 ? zero : 0);
  return Math.floor(below * (total - 2 * largest - 1)) + symbol + largest;
}

export const bitsOf = (distribution: Distribution, symbol: number): number =>
  16 - logarithm2(cumulative(distribution, symbol + 1) - cumulative(distribution, symbol));

/** The distribution of `step` for frames of so many bytes. */
export function stepDistribution({ stepPrior }: Weights, bytes: number): Distribution {
  const location = stepPrior[0] + stepPrior[1] * logarithm2(bytes / 21);
  return { location: location - 8, scale: stepPrior[2], zero: 0, largest: largestSymbol };
}
