import type { Steps } from "../ground/steps.js";
import type { Pointer } from "../kernels/kernels.js";
import { doublesAt } from "../kernels/memory.js";
import { densePass } from "../nn/dense.js";
import { type Grid, gridLike, rowsOf, sizeOf } from "../nn/grid.js";
import { type ContextGroup, groupPass } from "./context-group.js";
import type { ContextPrior, SymbolUnits } from "./context-prior.js";
import { addLogGradient } from "./gains.js";
import { neighbourIndices } from "./neighbours.js";
import type { Rate, RateInput } from "./prior.js";
import { onceForEach, type QualityRun, weighedRuns, weighSteps } from "./quality-runs.js";
import { roundingSlopes } from "./rounding-slopes.js";

/** Bits of latents under the context prior; adds to the parameters' gradients. */
export function* contextRate(prior: ContextPrior, input: RateInput): Steps<Rate> {
  const { values, unrounded, dequantized, qualities, weights, steps, bitsOnly } = input;
  const { kernels } = prior.parameters;
  const { call, memory } = kernels;
  const { latents } = prior;
  const rows = rowsOf(values);
  const every = rowNumbers(rows);
  const identity = memory.place(every);
  const neighbours = neighbourIndices(every, values).map((indices) => memory.place(indices));
  const runs = weighedRuns(input, rows / values.batch);
  const inputs = gatherContext(prior, dequantized, neighbours, rows, runs);
  const context = densePass(prior.context, inputs);

  const mean = gridLike(kernels, values);
  const logScale = gridLike(kernels, values);
  const groups: { group: ContextGroup; pass: ReturnType<typeof groupPass> }[] = [];
  for (const group of prior.groups) {
    yield;
    const own = slice(prior, dequantized, group.first, rows, identity);
    const pass = groupPass(group, context.output, own);
    split(prior, group, pass.output, identity, mean, logScale);
    groups.push({ group, pass });
  }
  yield;
  const units = onceForEach((q) => prior.symbolUnits(q));
  for (const run of runs) toSymbolUnits(prior, units(run.q), run, mean, logScale);

  if (steps) {
    const { up, down } = steps;
    call.gaussianSteps(sizeOf(values), values.pointer, mean.pointer, logScale.pointer, up.pointer, down.pointer);
    weighSteps(kernels, input, runs);
  }
  const gradient = gridLike(kernels, values);
  const gradientMean = gridLike(kernels, values);
  const gradientLogScale = gridLike(kernels, values);
  const total = memory.allocate(8);
  const sums = memory.allocateFloats(latents);
  const bits = qualities.map(() => 0);
  for (const { first, cells, q, image, weight } of runs) {
    const at = first * latents * 4;
    doublesAt(memory, total, 1)[0] = 0;
    call.gaussianBits(
      cells * latents,
      values.pointer + at,
      mean.pointer + at,
      logScale.pointer + at,
      weight,
      gradient.pointer + at,
      gradientMean.pointer + at,
      gradientLogScale.pointer + at,
      total,
    );
    if (unrounded) {
      const part = {
        count: cells * latents,
        unrounded: unrounded.pointer + at,
        mean: mean.pointer + at,
        logScale: logScale.pointer + at,
      };
      roundingSlopes(kernels, "gaussianSteps", part, weight, gradient.pointer + at);
    }
    if (prior.parameters.training) {
      // Mean and scale are the network's divided by the inverse gain: its logarithm takes a share of the gradient.
      call.sumColumns(cells, latents, gradientLogScale.pointer + at, sums, 0);
      call.add(latents, sums, prior.logScale.gradient, prior.logScale.gradient);
      call.sumColumnProducts(cells, latents, gradientMean.pointer + at, mean.pointer + at, sums, 1);
      addLogGradient(prior.inverseGain, q, -1, sums);
    }
    call.scaleColumns(cells, latents, gradientMean.pointer + at, units(q).inverse, gradientMean.pointer + at);
    bits[image] += doublesAt(memory, total, 1)[0] / weights[image];
  }

  const distribution = { mean, logScale };
  if (bitsOnly) return { bits, gradient, distribution };
  const contextGradient = gridLike(kernels, dequantized);
  call.fill(sizeOf(contextGradient), 0, contextGradient.pointer);
  const hiddenGradient = gridLike(kernels, context.output);
  call.fill(sizeOf(hiddenGradient), 0, hiddenGradient.pointer);
  for (const { group, pass } of groups) {
    yield;
    const { context: share, own } = pass.backward(join(prior, group, identity, gradientMean, gradientLogScale));
    call.add(sizeOf(share), hiddenGradient.pointer, share.pointer, hiddenGradient.pointer);
    if (own) call.addRows(rows, group.first, own.pointer, group.first, identity, contextGradient.pointer, latents);
  }
  yield;
  const inputGradient = context.backward(hiddenGradient);
  neighbours.forEach((indices, i) => {
    const from = inputGradient.pointer + i * latents * 4;
    call.addRows(rows, latents, from, prior.context.inputs, indices, contextGradient.pointer, latents);
  });
  return { bits, gradient, distribution, contextGradient };
}

/** Rows of the four neighbours' dequantized latents side by side, and the quality. */
function gatherContext(
  { parameters, latents, context: { inputs: contextInputs } }: ContextPrior,
  dequantized: Grid,
  neighbours: readonly Pointer[],
  rows: number,
  runs: readonly QualityRun[],
): Grid {
  const { call, memory } = parameters.kernels;
  const pointer = memory.allocateFloats(rows * contextInputs);
  neighbours.forEach((indices, i) => {
    call.gatherRows(rows, latents, dequantized.pointer, latents, indices, pointer + i * latents * 4, contextInputs);
  });
  const floats = memory.f32(pointer, rows * contextInputs);
  for (const { first, cells, q } of runs) {
    for (let row = first; row < first + cells; row++) floats[(row + 1) * contextInputs - 1] = q;
  }
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

/** Turns a run of the network's means and log scales into those of symbols. */
function toSymbolUnits(
  prior: ContextPrior,
  { inverse, offset }: SymbolUnits,
  { first, cells }: QualityRun,
  mean: Grid,
  logScale: Grid,
): void {
  const { call, memory } = prior.parameters.kernels;
  const { latents } = prior;
  const at = first * latents * 4;
  call.scaleColumns(cells, latents, mean.pointer + at, inverse, mean.pointer + at);
  memory.scope(() => {
    const offsets = memory.allocateFloats(cells * latents);
    call.repeatRow(cells, latents, offset, offsets);
    call.add(cells * latents, logScale.pointer + at, offsets, logScale.pointer + at);
  });
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
