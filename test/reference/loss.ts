import { sigmoid } from "./vectormath.js";

/** The plain twin of assembly/loss.ts: the loss of one element and its derivative by the first argument. */
export interface Loss {
  value(prediction: number, target: number): number;
  slope(prediction: number, target: number): number;
}

export const squaredError: Loss = {
  value: (prediction, target) => (prediction - target) ** 2,
  slope: (prediction, target) => 2 * (prediction - target),
};

export const binaryCrossEntropy: Loss = {
  value: (logit, target) => Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit))),
  slope: (logit, target) => sigmoid(logit) - target,
};
