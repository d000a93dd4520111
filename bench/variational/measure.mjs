import { loadSource, mean } from "../frame/index.mjs";
import { placeRows } from "../mnist/digits.mjs";

const { evidenceLowerBound, loadKernels, logMeanExp, logWeightsOf, Model, Random } = await loadSource();

const batchSize = 500;

/** What a model sees of digits, and what its likelihood wants. */
const batchOf = (kernels, digits) => ({
  input: placeRows(kernels, digits, -0.5),
  target: placeRows(kernels, digits, 0),
});

/** Mean negative lower bound of grey digits in nats, one sample of the posterior each: what training minimises. */
export async function greyLoss(model, digits) {
  const kernels = await loadKernels();
  const network = Model.read(model.bytes).network(kernels, { differentiable: true });
  const random = new Random(kernels, 7);
  let total = 0;
  for (let first = 0; first < digits.length; first += batchSize) {
    const part = digits.slice(first, first + batchSize);
    kernels.memory.scope(() => {
      total += part.length * evidenceLowerBound(network, batchOf(kernels, part), random, 1).loss;
    });
  }
  return total / digits.length;
}

/** Each sample drawn black or white, with its grey as the probability, from a fixed seed. */
function binarized(kernels, digits) {
  const random = new Random(kernels, 3);
  return digits.map((digit) => {
    const draws = random.uniforms(digit.data.length);
    return { ...digit, data: digit.data.map((sample, i) => (draws[i] < sample / 255 ? 255 : 0)) };
  });
}

/**
 * Estimates of ln p(x) of digits, drawn black and white, by K importance samples, for each of `counts`: means over the digits, in nats, with the
 * standard error of the mean over digits. Smaller counts use disjoint parts of the samples of the largest.
 */
export async function logLikelihoods(model, digits, counts) {
  const kernels = await loadKernels();
  const network = Model.read(model.bytes).network(kernels);
  const random = new Random(kernels, 11);
  const most = Math.max(...counts);
  const perDigit = binarized(await loadKernels(), digits).map((digit) =>
    kernels.memory.scope(() => {
      const [weights] = logWeightsOf(network, batchOf(kernels, [digit]), most, random);
      return counts.map((K) => {
        const parts = Array.from({ length: Math.floor(most / K) }, (_, i) => weights.subarray(i * K, (i + 1) * K));
        return mean(parts.map(logMeanExp));
      });
    }),
  );
  return counts.map((K, i) => {
    const values = perDigit.map((estimates) => estimates[i]);
    const logLikelihood = mean(values);
    const variance = values.reduce((total, value) => total + (value - logLikelihood) ** 2, 0) / (values.length - 1);
    return { K, logLikelihood, standardError: Math.sqrt(variance / values.length) };
  });
}
