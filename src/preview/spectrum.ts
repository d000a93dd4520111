import { cosineTable } from "./arithmetic.js";
import type { Thumb } from "./thumb.js";

/**
 * A picture as cosine coefficients of four planes: three orthonormal axes of colour (lightness, red - blue, magenta - green) and alpha. They are scaled so that the
 * sum of squared differences is the mean squared error, summed over the samples of a pixel.
 */
export interface Frequency {
  /** 0 .. 2 colour, 3 alpha. */
  readonly plane: number;
  /** Half waves across the width and the height. */
  readonly x: number;
  readonly y: number;
}

/** Half waves at most in each plane: a quarter of a disc. */
const radii = [12.3, 5.6, 5.6, 6.2];
/** Columns of the cosine tables. */
const waves = 13;

export const frequencies: readonly Frequency[] = radii.flatMap((radius, plane) => {
  const found: Frequency[] = [];
  for (let y = 0; y < waves; y++) {
    for (let x = 0; x < waves; x++) if (x * x + y * y < radius * radius) found.push({ plane, x, y });
  }
  return found;
});

const third = 1 / Math.sqrt(3);
const half = 1 / Math.sqrt(2);
const sixth = 1 / Math.sqrt(6);
/** Rows are the axes of colour. */
const axes = [
  [third, third, third],
  [half, 0, -half],
  [sixth, -2 * sixth, sixth],
];
const middle = 0.5;

/** Coefficients in the order of `frequencies`; of alpha they are zero where the picture is opaque. */
export function analyse({ width, height, planes, transparent }: Thumb): Float64Array {
  const count = width * height;
  const colours = transparent ? straightColours(planes) : planes;
  const samples = axes.map(([r, g, b]) => {
    const samples = new Float64Array(count);
    const offset = middle * (r + g + b);
    for (let i = 0; i < count; i++) samples[i] = r * colours[0][i] + g * colours[1][i] + b * colours[2][i] - offset;
    return samples;
  });
  if (transparent) samples.push(planes[3].map((value) => value - middle));
  const columns = cosineTable(width, waves);
  const rows = cosineTable(height, waves);
  const result = new Float64Array(frequencies.length);
  const spectra = samples.map((plane, p) => project(plane, width, height, columns, rows, Math.ceil(radii[p])));
  for (const [i, { plane, x, y }] of frequencies.entries()) {
    if (plane < spectra.length && x < width && y < height) result[i] = spectra[plane][y * waves + x];
  }
  return result;
}

/** Premultiplied colours over their own mean: what is transparent takes no coefficients. */
function straightColours([red, green, blue, alpha]: readonly Float64Array[]): Float64Array[] {
  let opaque = 0;
  for (const value of alpha) opaque += value;
  return [red, green, blue].map((plane) => {
    let sum = 0;
    for (const value of plane) sum += value;
    const mean = opaque > 0 ? sum / opaque : middle;
    return plane.map((value, i) => value + (1 - alpha[i]) * mean);
  });
}

function project(
  plane: Float64Array,
  width: number,
  height: number,
  columns: Float64Array,
  rows: Float64Array,
  count: number,
): Float64Array {
  const result = new Float64Array(waves * waves);
  const line = new Float64Array(count);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let x = 0; x < width; x++) {
      const value = plane[y * width + x];
      for (let k = 0; k < count; k++) line[k] += value * columns[x * waves + k];
    }
    for (let ky = 0; ky < count; ky++) {
      const factor = rows[y * waves + ky];
      for (let kx = 0; kx < count; kx++) result[ky * waves + kx] += factor * line[kx];
    }
  }
  for (let ky = 0; ky < count; ky++) {
    for (let kx = 0; kx < count; kx++) result[ky * waves + kx] *= scaleOf(kx, ky) / (width * height);
  }
  return result;
}

const scaleOf = (x: number, y: number): number => (x ? Math.SQRT2 : 1) * (y ? Math.SQRT2 : 1);

/** RGBA, 8 bits a sample, of coefficients, at any size. */
export function render(
  coefficients: Float64Array,
  width: number,
  height: number,
  transparent: boolean,
): Uint8Array<ArrayBuffer> {
  const columns = cosineTable(width, waves);
  const rows = cosineTable(height, waves);
  const planes = transparent ? 4 : 3;
  const grids = Array.from({ length: planes }, () => new Float64Array(waves * waves));
  for (const [i, { plane, x, y }] of frequencies.entries()) {
    // A picture of few pixels cannot show what lies beyond their own frequency.
    if (plane < planes && x < width && y < height) grids[plane][y * waves + x] = coefficients[i] * scaleOf(x, y);
  }
  const data = new Uint8Array(width * height * 4);
  const line = new Float64Array(planes * waves);
  const sample = new Float64Array(4);
  for (let y = 0; y < height; y++) {
    for (let p = 0; p < planes; p++) {
      const count = Math.ceil(radii[p]);
      for (let kx = 0; kx < count; kx++) {
        let sum = 0;
        for (let ky = 0; ky < count; ky++) sum += grids[p][ky * waves + kx] * rows[y * waves + ky];
        line[p * waves + kx] = sum;
      }
    }
    for (let x = 0; x < width; x++) {
      for (let p = 0; p < planes; p++) {
        const count = Math.ceil(radii[p]);
        let sum = 0;
        for (let kx = 0; kx < count; kx++) sum += line[p * waves + kx] * columns[x * waves + kx];
        sample[p] = sum;
      }
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) data[at + c] = byteOf(colourAt(c, sample[0], sample[1], sample[2]));
      data[at + 3] = transparent ? byteOf(middle + sample[3]) : 255;
    }
  }
  return data;
}

/** Red, green or blue of three coordinates of colour. */
const colourAt = (channel: number, first: number, second: number, third: number): number =>
  middle + axes[0][channel] * first + axes[1][channel] * second + axes[2][channel] * third;

/** Mean red, green, blue and alpha, 0 .. 255. */
export function meanColour(coefficients: Float64Array, transparent: boolean): number[] {
  const means = [0, 0, 0, 0];
  for (const [i, { plane, x, y }] of frequencies.entries()) if (x === 0 && y === 0) means[plane] = coefficients[i];
  const colours = [0, 1, 2].map((channel) => byteOf(colourAt(channel, means[0], means[1], means[2])));
  return [...colours, transparent ? byteOf(middle + means[3]) : 255];
}

const byteOf = (value: number): number => (value <= 0 ? 0 : value >= 1 ? 255 : Math.floor(value * 255 + 0.5));
