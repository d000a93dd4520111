import { conditionCount, latents, type Weights } from "./preview-network.js";

/** Hidden units of the two networks. */
export interface Widths {
  readonly priorHidden: number;
  readonly synthesisHidden: number;
}

export type TensorName = Exclude<keyof Weights, keyof Widths>;

/** Every tensor is stored as integers within +-levels times one scale. */
interface TensorKind {
  readonly levels: number;
  readonly count: (widths: Widths) => number;
}

/** Many weights, for which few levels will do, ... */
const coarse = 15;
/** ... and few numbers that had better be exact. */
const fine = 2047;

export const tensorTable: Readonly<Record<TensorName, TensorKind>> = {
  order: { levels: fine, count: () => latents },
  mean: { levels: fine, count: () => latents },
  deviation: { levels: fine, count: () => latents },
  priorConditions: { levels: fine, count: ({ priorHidden }) => (conditionCount + 1) * priorHidden },
  priorInput: { levels: coarse, count: ({ priorHidden }) => latents * 2 * priorHidden },
  priorOutput: { levels: coarse, count: ({ priorHidden }) => latents * 3 * priorHidden },
  priorBias: { levels: fine, count: () => latents * 3 },
  synthesisConditions: { levels: fine, count: ({ synthesisHidden }) => (conditionCount + 1) * synthesisHidden },
  synthesisInput: { levels: coarse, count: ({ synthesisHidden }) => latents * synthesisHidden },
  synthesisOutput: { levels: coarse, count: ({ synthesisHidden }) => latents * synthesisHidden },
  synthesisBias: { levels: fine, count: () => latents },
  stepPrior: { levels: fine, count: () => 3 },
};

export const tensorNames = Object.keys(tensorTable) as TensorName[];

/** Integers and the scale that gives them their values. */
export interface StoredTensor {
  readonly scale: number;
  readonly integers: Int32Array;
}

/** The nearest values that can be stored. */
export function store(name: TensorName, values: ArrayLike<number>): StoredTensor {
  const { levels } = tensorTable[name];
  if (name === "order") return { scale: 1, integers: Int32Array.from(values) };
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  const scale = Math.fround((largest || 1) / levels);
  const integers = Int32Array.from(values, (value) => Math.max(-levels, Math.min(levels, Math.round(value / scale))));
  return { scale, integers };
}

export const valuesOf = ({ scale, integers }: StoredTensor): Float64Array =>
  Float64Array.from(integers, (integer) => integer * scale);
