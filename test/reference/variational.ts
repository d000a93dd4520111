import { binaryCrossEntropy } from "./loss.js";
import { sigmoid } from "./vectormath.js";

/** The plain twin of assembly/variational.ts, in doubles. Row n * repeats + r of a matrix of samples is sample r of image n. */

type Numbers = ArrayLike<number>;
const sum = (count: number, term: (i: number) => number): number =>
  Array.from({ length: count }, (_, i) => term(i)).reduce((total, value) => total + value, 0);
const table = (N: number, M: number, value: (n: number, m: number) => number): number[] =>
  Array.from({ length: N * M }, (_, i) => value(Math.floor(i / M), i % M));

export const reparameterize = (
  [N, C, repeats]: [number, number, number],
  mean: Numbers,
  logVariance: Numbers,
  noise: Numbers,
): number[] =>
  table(N * repeats, C, (row, c) => {
    const at = Math.floor(row / repeats) * C + c;
    return mean[at] + Math.exp(logVariance[at] / 2) * noise[row * C + c];
  });

export const gaussianDivergence = (N: number, C: number, mean: Numbers, logVariance: Numbers): number[] =>
  table(N, 1, (n) =>
    sum(C, (c) => {
      const [m, l] = [mean[n * C + c], logVariance[n * C + c]];
      return 0.5 * (m * m + Math.exp(l) - 1 - l);
    }),
  );

const logNormal = (x: number, mean: number, logVariance: number): number =>
  -0.5 * (Math.log(2 * Math.PI) + logVariance + (x - mean) ** 2 / Math.exp(logVariance));

export const logPriorRatio = (
  [N, C, repeats]: [number, number, number],
  mean: Numbers,
  logVariance: Numbers,
  sample: Numbers,
): number[] =>
  table(N * repeats, 1, (row) =>
    sum(C, (c) => {
      const at = Math.floor(row / repeats) * C + c;
      const x = sample[row * C + c];
      return logNormal(x, 0, 0) - logNormal(x, mean[at], logVariance[at]);
    }),
  );

export const bernoulliRows = ([N, M, repeats]: [number, number, number], logits: Numbers, target: Numbers): number[] =>
  table(
    N * repeats,
    1,
    (row) => -sum(M, (m) => binaryCrossEntropy.value(logits[row * M + m], target[Math.floor(row / repeats) * M + m])),
  );

export const bernoulliGradient = (
  [N, M, repeats]: [number, number, number],
  logits: Numbers,
  target: Numbers,
  weights: Numbers,
): number[] =>
  table(
    N * repeats,
    M,
    (row, m) => weights[row] * (sigmoid(logits[row * M + m]) - target[Math.floor(row / repeats) * M + m]),
  );

export const squaredErrorRows = (
  [N, M, repeats]: [number, number, number],
  prediction: Numbers,
  target: Numbers,
): number[] =>
  table(N * repeats, 1, (row) =>
    sum(M, (m) => (prediction[row * M + m] - target[Math.floor(row / repeats) * M + m]) ** 2),
  );
