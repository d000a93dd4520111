import type { ModelConfiguration } from "./configuration.js";

/**
 * Learning rates of the maps that start at the principal components, relative to the rest. The analysis weights are scaled up
 * and the synthesis weights scaled down by `latentScale` (see initialize.ts), so the same relative step is a different number.
 */
const usual = { analysis: 0.8, synthesis: 0.05 };

/** Restoring networks move further from that start, and sparse ones start elsewhere. */
const restoring = { analysis: 2, synthesis: 0.125 };
const sparse = { analysis: 8, synthesis: 0.5 };

export const linearLearningRates = ({ restoration, sparsity }: ModelConfiguration) =>
  restoration ? restoring : sparsity ? sparse : usual;
