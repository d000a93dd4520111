import type { Activation } from "../../src/kernels/interface.js";
import { normalCumulative, normalDensity, sigmoid } from "./vectormath.js";

/** The plain twin of assembly/activation.ts, in 64-bit floats: each function beside its slope. */
export const activations: Record<Activation, { value(x: number): number; slope(x: number): number }> = {
  identity: { value: (x) => x, slope: () => 1 },
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  leakyRelu: { value: (x) => (x > 0 ? x : 0.01 * x), slope: (x) => (x > 0 ? 1 : 0.01) },
  hardSwish: {
    value: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    slope: (x) => (x <= -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6),
  },
  gelu: { value: (x) => x * normalCumulative(x), slope: (x) => normalCumulative(x) + x * normalDensity(x) },
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
};
