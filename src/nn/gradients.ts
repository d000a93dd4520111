import type { Parameter, Parameters } from "./parameters.js";

/** The gradients of a model's parameters, one after the other. Apart from the parameters, so that who trains nothing has none of it. */

/** Floats of all parameters together. */
export const floatsOf = ({ all }: Parameters): number => all.reduce((sum, { count }) => sum + count, 0);

/** A copy of all gradients; `values` is room for it. */
export function readGradients(
  parameters: Parameters,
  values: Float32Array<ArrayBuffer> = new Float32Array(floatsOf(parameters)),
): Float32Array<ArrayBuffer> {
  const { memory } = parameters.kernels;
  eachAt(parameters, ({ gradient, count }, at) => values.set(memory.f32(gradient, count), at));
  return values;
}

/** Writes gradients as `readGradients` gives them. */
export function writeGradients(parameters: Parameters, values: Float32Array): void {
  const { memory } = parameters.kernels;
  eachAt(parameters, ({ gradient, count }, at) => memory.f32(gradient, count).set(values.subarray(at, at + count)));
}

/** Visits all parameters, each with the number of floats before it. */
export function eachAt({ all }: Parameters, visit: (parameter: Parameter, at: number) => void): void {
  let at = 0;
  for (const parameter of all) {
    visit(parameter, at);
    at += parameter.count;
  }
}

export function clearGradients({ all, kernels }: Parameters): void {
  for (const { count, gradient } of all) kernels.call.fill(count, 0, gradient);
}
