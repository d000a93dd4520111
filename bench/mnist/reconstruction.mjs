import { loadSource } from "../frame/load-source.mjs";

const { inferTransform, loadKernels, Model, principalComponents } = await loadSource();

const sampleBias = 0.5;
const digitsAtATime = 1000;

/**
 * Mean squared error (pixels 0 .. 1) of digits that went through a model's neck without quantization: analysis, gains (where the
 * model codes) and synthesis at quality 100. Fractions below 0 and above 1 count as they are, like those of the principal components.
 */
export async function modelError(modelBytes, digits) {
  const kernels = await loadKernels();
  const network = Model.read(modelBytes).network(kernels);
  const { configuration } = network;
  const [{ analysis, synthesis, gain, inverseGain }] = network.levels;
  const { call } = kernels;
  const input = placeRows(kernels, digits);
  const latents = inferTransform(analysis, input);
  const rows = digits.length;
  for (const gains of gain ? [gain, inverseGain] : []) {
    call.scaleColumns(rows, configuration.latents, latents.pointer, gains.row(1), latents.pointer);
  }
  return meanSquaredError(kernels, inferTransform(synthesis, latents), input);
}

/** The same for the best linear autoencoder of the training digits, with so many components. */
export async function linearError(training, digits, count) {
  const kernels = await loadKernels();
  const { call, memory } = kernels;
  const { mean, components } = await principalComponents(kernels, placeRows(kernels, training), count);
  const input = placeRows(kernels, digits);
  const { channels: D } = input;
  const N = digits.length;
  const offset = memory.place(mean);
  const minusOffset = memory.place(mean.map((value) => -value));
  const basis = memory.place(components);
  const product = (rows, K, M, from, packed, bias) => {
    const output = memory.allocateFloats(rows * M);
    call.multiplyPacked(rows, M, K, from, K, packed, output, M, bias, 0, 0);
    return output;
  };
  const intoNeck = memory.allocateFloats(call.packedLength(D, count));
  call.packTransposed(D, count, basis, D, intoNeck);
  const outOfNeck = memory.allocateFloats(call.packedLength(count, D));
  call.packMatrix(count, D, basis, D, outOfNeck);
  const coefficientsOfMean = product(1, D, count, minusOffset, intoNeck, 0);
  const coefficients = product(N, D, count, input.pointer, intoNeck, coefficientsOfMean);
  const output = product(N, count, D, coefficients, outOfNeck, offset);
  return meanSquaredError(kernels, { ...input, pointer: output }, input);
}

/** The codes of digits without quantization: for each the numbers of the units that are not 0, and their values. */
export async function codesOf(modelBytes, digits) {
  const kernels = await loadKernels();
  const { analysis, configuration } = Model.read(modelBytes).network(kernels);
  const { latents } = configuration;
  const codes = [];
  for (let start = 0; start < digits.length; start += digitsAtATime) {
    kernels.memory.scope(() => {
      const some = digits.slice(start, start + digitsAtATime);
      const { pointer } = inferTransform(analysis, placeRows(kernels, some));
      const floats = kernels.memory.f32(pointer, some.length * latents);
      for (let i = 0; i < some.length; i++) codes.push(sparse(floats.subarray(i * latents, (i + 1) * latents)));
    });
  }
  return codes;
}

/** Without what is 0. */
export function sparse(values) {
  const units = Uint16Array.from(values.keys()).filter((unit) => values[unit] !== 0);
  return { units, values: Float32Array.from(units, (unit) => values[unit]) };
}

/** Digits as rows of floats -0.5 .. 0.5. */
function placeRows({ memory }, digits) {
  const channels = digits[0].data.length;
  const pointer = memory.allocateFloats(digits.length * channels);
  const floats = memory.f32(pointer, digits.length * channels);
  digits.forEach(({ data }, i) => {
    floats.set(
      Float32Array.from(data, (sample) => sample / 255 - sampleBias),
      i * channels,
    );
  });
  return { pointer, batch: digits.length, height: 1, width: 1, channels };
}

function meanSquaredError({ call, memory }, prediction, target) {
  const count = target.batch * target.channels;
  const gradient = memory.allocateFloats(count);
  const total = memory.allocate(8);
  memory.f64(total, 1)[0] = 0;
  call.squaredError(count, prediction.pointer, target.pointer, 1, gradient, total);
  return memory.f64(total, 1)[0] / count;
}
