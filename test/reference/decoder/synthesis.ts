import { nearest, round } from "../float32.js";
import { dense, integerDense, type Layer, sigmoid } from "./dense.js";
import type { Grid, Size } from "./grid.js";
import { layerLevels, type ReferenceModel } from "./model.js";

/** A level of latents of a picture, reconstructed. */
export interface Shown {
  readonly model: ReferenceModel;
  readonly grid: Grid;
  readonly latents: Float32Array;
}

/** The samples of a picture, C a pixel, from reconstructed latents of its levels, the finest first (docs/FORMAT.md, "Synthesis", steps 1 to 5). */
export function synthesize(levels: readonly Shown[], size: Size): Uint8Array {
  const [{ model }] = levels;
  const shown = levels.map((level) => canvasWithoutMargin(level, size));
  return samplesOf(
    model,
    shown.reduceRight((coarser, finer) => finer.map((sample, i) => round(sample + coarser[i]))),
  );
}

function canvasWithoutMargin({ model, grid, latents }: Shown, { width, height }: Size): Float32Array {
  let cells = latents;
  const { patch, synthesisMargin: margin, channels, synthesis } = model.configuration;
  for (let i = 0; i < synthesis.blocks; i++) cells = residualBlock(model, i, grid, cells);
  const canvas = overlapAdd(model, grid, cells);
  const rowLength = (grid.columns * patch.width + 2 * margin) * channels;
  return Float32Array.from({ length: width * height * channels }, (_, i) => {
    const y = Math.floor(i / (width * channels));
    return canvas[(margin + y) * rowLength + margin * channels + (i % (width * channels))];
  });
}

function residualBlock(model: ReferenceModel, index: number, grid: Grid, latents: Float32Array): Float32Array {
  const name = `synthesis.blocks.${index}`;
  const up = integerDense(model, `${name}.up`, layerLevels(model), model.configuration.activation);
  const down = integerDense(model, `${name}.down`, layerLevels(model));
  const mixed = mix(model, name, grid, latents);
  const result = new Float32Array(latents.length);
  for (let start = 0; start < latents.length; start += grid.latents) {
    const change = down(up(mixed.subarray(start, start + grid.latents)));
    for (let c = 0; c < grid.latents; c++) result[start + c] = round(latents[start + c] + change[c]);
  }
  return result;
}

/** A 3x3 correlation of each channel by itself. */
function mix(
  model: ReferenceModel,
  name: string,
  { rows, columns, latents: channels }: Grid,
  latents: Float32Array,
): Float32Array {
  const weight = model.weights(`${name}.mix.weight`);
  const bias = model.weights(`${name}.mix.bias`);
  return latents.map((_, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % columns;
    const y = Math.floor(i / channels / columns);
    let sum = bias[c];
    for (let tap = 0; tap < 9; tap++) {
      const tapX = x + (tap % 3) - 1;
      const tapY = y + Math.floor(tap / 3) - 1;
      if (tapX < 0 || tapY < 0 || tapX >= columns || tapY >= rows) continue;
      sum = round(sum + round(latents[(tapY * columns + tapX) * channels + c] * weight[tap * channels + c]));
    }
    return sum;
  });
}

function projectionOf(model: ReferenceModel): Layer {
  const { synthesis, fixedSize, activation, chroma } = model.configuration;
  const { hidden, shortcut = true } = synthesis;
  const name = "synthesis.projection";
  const linear = fixedSize ? dense(model, `${name}.linear`) : integerDense(model, `${name}.linear`, 2047);
  const chain =
    (layers: readonly Layer[]): Layer =>
    (input) =>
      layers.reduce((values: ArrayLike<number>, layer) => layer(values), input) as Float32Array;
  if (!shortcut) return chain([...hidden.map((_, i) => dense(model, `${name}.hidden.${i}`, activation)), linear]);
  if (chroma) return (input) => enlarged(linear(input));
  if (hidden.length === 0) return linear;
  const branch = chain([
    ...hidden.map((_, i) => dense(model, `${name}.branch.${i}`, activation)),
    dense(model, `${name}.branch.${hidden.length}`),
  ]);
  return (input) => {
    const further = branch(input);
    return linear(input).map((value, i) => round(value + further[i]));
  };
}

/** A window of pixels of one whose colour differences have half the resolution. */
function enlarged(halved: Float32Array): Float32Array {
  const side = Math.sqrt(halved.length / 1.5);
  const half = side / 2;
  const luma = halved.subarray(0, side * side);
  // Down the columns.
  const [cb, cr] = [0, 1].map((i) => {
    const plane = halved.subarray(side * side + i * half * half, side * side + (i + 1) * half * half);
    return new Float32Array(side * half).map((_, i) =>
      between(Math.floor(i / half), (y) => (y < 0 || y >= half ? 0 : plane[y * half + (i % half)])),
    );
  });
  const colours = [
    cr.map((value) => round(value * round(1.402))),
    cb.map((value, i) => round(-round(value * round(0.344136)) - round(cr[i] * round(0.714136)))),
    cb.map((value) => round(value * round(1.772))),
  ];
  // Along the rows.
  const window = new Float32Array(3 * side * side).map((_, i) => {
    const [place, colour] = [Math.floor(i / 3), colours[i % 3]];
    const x = place % side;
    const row = (place - x) / 2;
    return round(luma[place] + between(x, (k) => (k < 0 || k >= half ? 0 : colour[row + k])));
  });
  return window;
}

/** A line of samples at a place of one twice as long. */
function between(place: number, sample: (at: number) => number): number {
  const nearer = Math.floor(place / 2);
  const farther = place % 2 === 0 ? nearer - 1 : nearer + 1;
  return round(round(sample(nearer) * 0.75) + round(sample(farther) * 0.25));
}

/** Adds the windows of all cells on a canvas that is wider than the grid's patches by the margin on every side. */
function overlapAdd(model: ReferenceModel, { rows, columns, latents }: Grid, cells: Float32Array): Float32Array {
  const { patch, synthesisMargin: margin, channels } = model.configuration;
  const project = projectionOf(model);
  const rowLength = (columns * patch.width + 2 * margin) * channels;
  const windowRow = (patch.width + 2 * margin) * channels;
  const canvas = new Float32Array((rows * patch.height + 2 * margin) * rowLength);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const start = (y * columns + x) * latents;
      project(cells.subarray(start, start + latents)).forEach((sample, i) => {
        const at =
          (y * patch.height + Math.floor(i / windowRow)) * rowLength + x * patch.width * channels + (i % windowRow);
        canvas[at] = round(canvas[at] + sample);
      });
    }
  }
  return canvas;
}

function samplesOf(model: ReferenceModel, canvas: Float32Array): Uint8Array {
  return Uint8Array.from(canvas, (value) => {
    const isLogit = model.configuration.likelihood === "bernoulli";
    const scaled = isLogit ? round(sigmoid(value) * 255) : round(round(value * 255) + 127.5);
    return Math.min(Math.max(nearest(scaled), 0), 255);
  });
}
