import { loadSource } from "../frame/load-source.mjs";
import { mean } from "../frame/statistics.mjs";

const { evidenceLowerBound, loadKernels, logMeanExp, logWeightsOf, Model, Random } = await loadSource();

const batchSize = 500;

/** Rows of samples from `lowest` to `lowest + 1` in kernel memory, each made of a sample 0 .. 255 by `value`. */
function place({ memory }, digits, lowest, value = (sample) => sample / 255) {
  const channels = digits[0].data.length;
  const floats = new Float32Array(digits.length * channels);
  digits.forEach(({ data }, i) => {
    floats.set(
      Float32Array.from(data, (sample) => value(sample) + lowest),
      i * channels,
    );
  });
  return { pointer: memory.place(floats), batch: digits.length, height: 1, width: 1, channels };
}

/** Mean negative lower bound of grey digits in nats, one sample of the posterior each: what training minimises. */
export async function greyLoss(model, digits) {
  const kernels = await loadKernels();
  const network = Model.read(model.bytes).network(kernels, { differentiable: true });
  const random = new Random(kernels, 7);
  let sum = 0;
  for (let first = 0; first < digits.length; first += batchSize) {
    const part = digits.slice(first, first + batchSize);
    kernels.memory.scope(() => {
      const batch = { input: place(kernels, part, -0.5), target: place(kernels, part, 0) };
      sum += part.length * evidenceLowerBound(network, batch, random, 1).loss;
    });
  }
  return sum / digits.length;
}

/** Each sample drawn black or white, with its grey as the probability, from a fixed seed. */
async function binarized(digits, seed) {
  const kernels = await loadKernels();
  const random = new Random(kernels, seed);
  return digits.map((digit) => {
    const draws = random.uniforms(digit.data.length);
    return { ...digit, data: digit.data.map((sample, i) => (draws[i] < sample / 255 ? 255 : 0)) };
  });
}

/**
 * Estimates of ln p(x) of digits, drawn black and white, by K importance samples, for each of `counts`: means over the digits, in nats, with the
 * standard error of the mean over digits. Smaller counts use disjoint parts of the samples of the largest.
 */
export async function logLikelihoods(model, digits, counts, onDigit = () => {}) {
  const kernels = await loadKernels();
  const network = Model.read(model.bytes).network(kernels);
  const random = new Random(kernels, 11);
  const most = Math.max(...counts);
  const perDigit = counts.map(() => []);
  for (const [i, digit] of (await binarized(digits, 3)).entries()) {
    kernels.memory.scope(() => {
      const row = { input: place(kernels, [digit], -0.5), target: place(kernels, [digit], 0) };
      const [weights] = logWeightsOf(network, row, most, random);
      counts.forEach((K, c) => {
        const parts = Math.floor(most / K);
        let sum = 0;
        for (let part = 0; part < parts; part++) sum += logMeanExp(weights.subarray(part * K, (part + 1) * K));
        perDigit[c].push(sum / parts);
      });
    });
    onDigit(i);
  }
  return counts.map((K, c) => ({ K, ...meanAndError(perDigit[c]) }));
}

function meanAndError(values) {
  const logLikelihood = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - logLikelihood) ** 2, 0) / (values.length - 1);
  return { logLikelihood, standardError: Math.sqrt(variance / values.length) };
}
