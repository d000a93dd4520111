import type { Pointer } from "../kernels/kernels.js";
import { densePasses } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import { type ContextGroup, groupPasses } from "./context-group.js";
import type { ContextPrior } from "./context-prior.js";
import { addLogGradient } from "./gains.js";
import { neighbourIndices } from "./neighbours.js";
import type { Rate, RateInput } from "./prior.js";

/** Bits of noisy latents under the context prior; adds to the parameters' gradients. */
export function contextRate(
  prior: ContextPrior,
  { values, dequantized, qualities, weights, steps, bitsOnly }: RateInput,
): Rate {
  const { kernels } = prior.parameters;
  const { call, memory } = kernels;
  const { latents } = prior;
  const rows = rowsOf(values);
  const every = rowNumbers(rows);
  const identity = memory.place(every);
  const neighbours = neighbourIndices(every, values).map((indices) => memory.place(indices));
  const inputs = gatherContext(
    prior,
    dequantized,
    neighbours,
    rows,
    (row) => qualities[Math.floor((row * values.batch) / rows)],
  );
  const context = densePasses.forward(prior.context, inputs);

  const mean = gridLike(kernels, values);
  const logScale = gridLike(kernels, values);
  for (const group of prior.groups) {
    const output = groupPasses.forward(group, context, slice(prior, dequantized, group.first, rows, identity));
    split(prior, group, output, identity, mean, logScale);
  }
  const imageRows = rows / values.batch;
  const scaleRows = qualities.map((q, image) => toSymbolUnits(prior, q, imageRows, image * imageRows, mean, logScale));

  if (steps) {
    const { up, down } = steps;
    call.gaussianSteps(sizeOf(values), values.pointer, mean.pointer, logScale.pointer, up.pointer, down.pointer);
  }
  const gradient = gridLike(kernels, values);
  const gradientMean = gridLike(kernels, values);
  const gradientLogScale = gridLike(kernels, values);
  const total = memory.allocate(8);
  const sums = memory.allocateFloats(latents);
  const bits = qualities.map((q, image) => {
    const at = image * imageRows * latents * 4;
    memory.f64(total, 1)[0] = 0;
    call.gaussianBits(
      imageRows * latents,
      values.pointer + at,
      mean.pointer + at,
      logScale.pointer + at,
      weights[image],
      gradient.pointer + at,
      gradientMean.pointer + at,
      gradientLogScale.pointer + at,
      total,
    );
    if (prior.parameters.training) {
      // Mean and scale are the network's divided by the inverse gain: its logarithm takes a share of the gradient.
      call.sumColumns(imageRows, latents, gradientLogScale.pointer + at, sums, 0);
      call.add(latents, sums, prior.logScale.gradient, prior.logScale.gradient);
      call.sumColumnProducts(imageRows, latents, gradientMean.pointer + at, mean.pointer + at, sums, 1);
      addLogGradient(prior.inverseGain, q, -1, sums);
    }
    call.scaleColumns(imageRows, latents, gradientMean.pointer + at, scaleRows[image], gradientMean.pointer + at);
    return memory.f64(total, 1)[0] / weights[image];
  });

  const distribution = { mean, logScale };
  if (bitsOnly) return { bits, gradient, distribution };
  const contextGradient = gridLike(kernels, dequantized);
  call.fill(sizeOf(contextGradient), 0, contextGradient.pointer);
  const hiddenGradient = gridLike(kernels, context);
  call.fill(sizeOf(hiddenGradient), 0, hiddenGradient.pointer);
  for (const group of prior.groups) {
    const outputGradient = join(prior, group, identity, gradientMean, gradientLogScale);
    const { context: share, own } = groupPasses.backward(group, outputGradient);
    call.add(sizeOf(share), hiddenGradient.pointer, share.pointer, hiddenGradient.pointer);
    if (own) call.addRows(rows, group.first, own.pointer, group.first, identity, contextGradient.pointer, latents);
  }
  const inputGradient = densePasses.backward(prior.context, hiddenGradient);
  neighbours.forEach((indices, i) => {
    const from = inputGradient.pointer + i * latents * 4;
    call.addRows(rows, latents, from, prior.contextInputs, indices, contextGradient.pointer, latents);
  });
  return { bits, gradient, distribution, contextGradient };
}

/** Rows of the four neighbours' dequantized latents side by side, and the quality. */
function gatherContext(
  { parameters, latents, contextInputs }: ContextPrior,
  dequantized: Grid,
  neighbours: readonly Pointer[],
  rows: number,
  quality: (row: number) => number,
): Grid {
  const { call, memory } = parameters.kernels;
  const pointer = memory.allocateFloats(rows * contextInputs);
  neighbours.forEach((indices, i) => {
    call.gatherRows(rows, latents, dequantized.pointer, latents, indices, pointer + i * latents * 4, contextInputs);
  });
  const floats = memory.f32(pointer, rows * contextInputs);
  for (let row = 0; row < rows; row++) floats[(row + 1) * contextInputs - 1] = quality(row);
  return { pointer, batch: 1, height: 1, width: rows, channels: contextInputs };
}

/** The first `channels` channels of the given cells; undefined where that is none. */
function slice(
  { parameters, latents }: ContextPrior,
  dequantized: Grid,
  channels: number,
  rows: number,
  indices: Pointer,
): Grid | undefined {
  if (channels === 0) return undefined;
  const { call, memory } = parameters.kernels;
  const pointer = memory.allocateFloats(rows * channels);
  call.gatherRows(rows, channels, dequantized.pointer, latents, indices, pointer, channels);
  return { pointer, batch: 1, height: 1, width: rows, channels };
}

/** Turns rows of the network's means and log scales into those of symbols at quality q; returns the row of scales of the means. */
function toSymbolUnits(
  prior: ContextPrior,
  q: number,
  rows: number,
  firstRow: number,
  mean: Grid,
  logScale: Grid,
): Pointer {
  const { call, memory } = prior.parameters.kernels;
  const { latents } = prior;
  const at = firstRow * latents * 4;
  const { inverse, offset } = prior.symbolUnits(q);
  call.scaleColumns(rows, latents, mean.pointer + at, inverse, mean.pointer + at);
  memory.scope(() => {
    const offsets = memory.allocateFloats(rows * latents);
    call.repeatRow(rows, latents, offset, offsets);
    call.add(rows * latents, logScale.pointer + at, offsets, logScale.pointer + at);
  });
  return inverse;
}

/** Spreads a group's output (means, then log scales) over its columns of the two grids. */
function split(
  prior: ContextPrior,
  { first, channels }: ContextGroup,
  output: Grid,
  everyRow: Pointer,
  mean: Grid,
  logScale: Grid,
): void {
  const { call } = prior.parameters.kernels;
  const rows = rowsOf(output);
  const { latents } = prior;
  call.placeRows(rows, channels, output.pointer, 2 * channels, everyRow, mean.pointer + first * 4, latents);
  call.placeRows(
    rows,
    channels,
    output.pointer + channels * 4,
    2 * channels,
    everyRow,
    logScale.pointer + first * 4,
    latents,
  );
}

/** The adjoint of `split`. */
function join(
  prior: ContextPrior,
  { first, channels }: ContextGroup,
  everyRow: Pointer,
  mean: Grid,
  logScale: Grid,
): Grid {
  const { call, memory } = prior.parameters.kernels;
  const rows = rowsOf(mean);
  const { latents } = prior;
  const pointer = memory.allocateFloats(rows * 2 * channels);
  call.gatherRows(rows, channels, mean.pointer + first * 4, latents, everyRow, pointer, 2 * channels);
  call.gatherRows(
    rows,
    channels,
    logScale.pointer + first * 4,
    latents,
    everyRow,
    pointer + channels * 4,
    2 * channels,
  );
  return { pointer, batch: 1, height: 1, width: rows, channels: 2 * channels };
}

const rowNumbers = (rows: number): Int32Array => Int32Array.from({ length: rows }, (_, row) => row);
