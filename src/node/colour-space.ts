/** How the samples of a picture stand for light, and the way from there to 8-bit sRGB. */

/** From a sample, 0 .. 1, to light, 0 .. 1. */
export type Curve = (sample: number) => number;

/** The nine numbers of a 3 x 3 matrix, row by row. */
export type Matrix = readonly number[];

export interface ColourSpace {
  /** One for grey, or for red, green and blue. */
  readonly curves: readonly Curve[];
  /** From red, green and blue light to that of sRGB; none where the primaries are those of sRGB, and for grey. */
  readonly matrix?: Matrix | undefined;
}

/** Light of CIE XYZ under D50, the space that ICC profiles connect by, to that of sRGB. */
const sRgbOfXyzD50: Matrix = [
  3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.033454, 0.0719453, -0.2289914, 1.4052427,
];
const toBradford: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];
const whiteD50 = [0.96422, 1, 0.82521];

export const linear: Curve = (sample) => sample;
export const power =
  (exponent: number): Curve =>
  (sample) =>
    sample ** exponent;
export const sRgbCurve: Curve = (sample) => (sample <= 0.04045 ? sample / 12.92 : ((sample + 0.055) / 1.055) ** 2.4);
const encodeSRgb: Curve = (light) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);

/** The matrix to the light of sRGB for primaries whose XYZ under D50 are the columns of `xyz`. */
export const matrixOfXyzD50 = (xyz: Matrix): Matrix => multiply(sRgbOfXyzD50, xyz);

/**
 * The same for chromaticities x, y of white, red, green and blue, white adapted as Bradford's transform does. Undefined where they
 * span no space; undefined, too, where they are those of sRGB, which need no matrix.
 */
export function matrixOfChromaticities(xy: readonly number[]): Matrix | undefined {
  const xyz = (i: number) => [xy[2 * i] / xy[2 * i + 1], 1, (1 - xy[2 * i] - xy[2 * i + 1]) / xy[2 * i + 1]];
  const [white, ...primaries] = [0, 1, 2, 3].map(xyz);
  const unscaled = transpose(primaries.flat());
  const scales = apply(invert(unscaled), white);
  const colours = unscaled.map((value, i) => value * scales[i % 3]);
  const cones = apply(toBradford, white);
  const ratios = apply(toBradford, whiteD50).map((cone, i) => cone / cones[i]);
  const adapt = multiply(
    invert(toBradford),
    toBradford.map((value, i) => value * ratios[Math.floor(i / 3)]),
  );
  const matrix = matrixOfXyzD50(multiply(adapt, colours));
  const isIdentity = matrix.every((value, i) => Math.abs(value - (i % 4 === 0 ? 1 : 0)) < 0.005);
  return isIdentity || !matrix.every(Number.isFinite) ? undefined : matrix;
}

const steps = 65535;

/**
 * Makes the function that brings samples of `channels` interleaved channels, the last one alpha where `hasAlpha`, to bytes of sRGB. `white` is the
 * sample of full light; samples outside of 0 .. `white` are taken as the nearest within.
 */
export function converterToSRgb(
  { curves, matrix }: ColourSpace,
  { white, channels, hasAlpha }: { readonly white: number; readonly channels: number; readonly hasAlpha: boolean },
): (samples: ArrayLike<number>) => Uint8Array {
  const colours = hasAlpha ? channels - 1 : channels;
  const tabulated = new Map(
    curves.map((curve) => [curve, Float64Array.from({ length: steps + 1 }, (_, i) => curve(i / steps))]),
  );
  const tables = Array.from({ length: colours }, (_, c) => tabulated.get(curves[c] ?? curves[0])!);
  const encoded = Uint8Array.from({ length: steps + 1 }, (_, i) => Math.round(255 * encodeSRgb(i / steps)));
  const step = (share: number): number => (share >= 1 ? steps : share > 0 ? Math.round(share * steps) : 0);
  const light = new Float64Array(colours);
  return (samples) => {
    const bytes = new Uint8Array(samples.length);
    for (let at = 0; at < samples.length; at += channels) {
      for (let c = 0; c < colours; c++) light[c] = tables[c][step(samples[at + c] / white)];
      for (let c = 0; c < colours; c++) {
        const mixed =
          matrix && colours === 3
            ? matrix[3 * c] * light[0] + matrix[3 * c + 1] * light[1] + matrix[3 * c + 2] * light[2]
            : light[c];
        bytes[at + c] = encoded[step(mixed)];
      }
      if (hasAlpha) bytes[at + colours] = Math.round(255 * Math.min(1, Math.max(0, samples[at + colours] / white)));
    }
    return bytes;
  };
}

const apply = (m: Matrix, v: readonly number[]): number[] =>
  [0, 3, 6].map((row) => m[row] * v[0] + m[row + 1] * v[1] + m[row + 2] * v[2]);

const transpose = (m: Matrix): Matrix => m.map((_, i) => m[3 * (i % 3) + Math.floor(i / 3)]);

const multiply = (left: Matrix, right: Matrix): Matrix => {
  const columns = [0, 1, 2].map((column) => apply(left, [right[column], right[3 + column], right[6 + column]]));
  return transpose(columns.flat());
};

function invert([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const cofactors = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f];
  const all = [...cofactors, d * h - e * g, b * g - a * h, a * e - b * d];
  const determinant = a * all[0] + b * all[3] + c * all[6];
  return all.map((value) => value / determinant);
}
