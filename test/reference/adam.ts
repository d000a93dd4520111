/** The plain twin of assembly/adam.ts for one parameter (Loshchilov & Hutter 2019, algorithm 2). */
export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface AdamState {
  readonly value: number;
  readonly moment1: number;
  readonly moment2: number;
}

/** `step` counts from 1. */
export function adam(settings: AdamSettings, state: AdamState, gradient: number, step: number): AdamState {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = settings;
  const moment1 = beta1 * state.moment1 + (1 - beta1) * gradient;
  const moment2 = beta2 * state.moment2 + (1 - beta2) * gradient ** 2;
  const mean = moment1 / (1 - beta1 ** step);
  const deviation = Math.sqrt(moment2 / (1 - beta2 ** step));
  const value = state.value - learningRate * (mean / (deviation + epsilon) + weightDecay * state.value);
  return { value, moment1, moment2 };
}
