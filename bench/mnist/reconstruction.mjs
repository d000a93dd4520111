import { loadSource } from "../frame/index.mjs";
import { placeRows, rowsOf } from "./digits.mjs";

const { inferTransform, loadKernels, Model, principalComponents } = await loadSource();

/** Samples lie within -0.5 .. 0.5. */
const lowest = -0.5;
const digitsAtATime = 1000;

/** What `work` gives for pieces of the digits, put together: each in a scope of the kernels' memory, as rows in it. */
function inPieces(kernels, digits, work) {
  const pieces = [];
  for (let start = 0; start < digits.length; start += digitsAtATime) {
    const some = digits.slice(start, start + digitsAtATime);
    pieces.push(kernels.memory.scope(() => work(placeRows(kernels, some, lowest), some)));
  }
  return pieces.flat();
}

/**
 * Mean squared error (pixels 0 .. 1) of digits that went through a model's neck without quantization: analysis, gains (where the
 * model codes) and synthesis at quality 100. Fractions below 0 and above 1 count as they are, like those of the principal components.
 */
export async function modelError(modelBytes, digits) {
  const kernels = await loadKernels();
  const { configuration, levels } = Model.read(modelBytes).network(kernels);
  const [{ analysis, synthesis, gain, inverseGain }] = levels;
  const { call, memory } = kernels;
  const errors = inPieces(kernels, digits, (input) => {
    const { batch, channels } = input;
    const latents = inferTransform(analysis, input);
    for (const gains of gain ? [gain, inverseGain] : [])
      call.scaleColumns(batch, configuration.latents, latents.pointer, gains.row(1), latents.pointer);
    const output = inferTransform(synthesis, latents);
    const [one, other] = [input, output].map(({ pointer }) => memory.f32(pointer, batch * channels));
    return one.reduce((total, value, i) => total + (value - other[i]) ** 2, 0);
  });
  return errors.reduce((total, error) => total + error, 0) / (digits.length * digits[0].data.length);
}

/** The same for the best linear autoencoder of the training digits, with so many components. */
export async function linearError(training, digits, count) {
  const kernels = await loadKernels();
  const { mean, components } = await principalComponents(kernels, placeRows(kernels, training, lowest), count);
  const samples = rowsOf(digits, lowest);
  const width = mean.length;
  const dot = (one, other) => one.reduce((total, value, i) => total + value * other[i], 0);
  let error = 0;
  for (let start = 0; start < samples.length; start += width) {
    const row = samples.subarray(start, start + width).map((value, i) => value - mean[i]);
    error += dot(row, row);
    for (let k = 0; k < count; k++) error -= dot(row, components.subarray(k * width, (k + 1) * width)) ** 2;
  }
  return error / samples.length;
}

/** The codes of digits without quantization: for each the numbers of the units that are not 0, and their values. */
export async function codesOf(modelBytes, digits) {
  const kernels = await loadKernels();
  const { configuration, levels } = Model.read(modelBytes).network(kernels);
  const { latents } = configuration;
  return inPieces(kernels, digits, (input, some) => {
    const floats = kernels.memory.f32(inferTransform(levels[0].analysis, input).pointer, some.length * latents);
    return some.map((_, i) => sparse(floats.subarray(i * latents, (i + 1) * latents)));
  });
}

/** Without what is 0. */
export function sparse(values) {
  const units = Uint16Array.from(values.keys()).filter((unit) => values[unit] !== 0);
  return { units, values: Float32Array.from(units, (unit) => values[unit]) };
}
