import { planeNames, scaleWeights } from "../../src/metric/error-weights.js";

/** A plain twin of the metric in doubles: planes of a picture as rows of numbers, samples 0 .. 1. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array<ArrayBuffer>;
}

const taps = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
const total = taps.reduce((sum, tap) => sum + tap, 0);
const opsin = [
  [0.3, 0.622, 0.078],
  [0.23, 0.692, 0.078],
  [0.24342268924547819, 0.20476744424496821, 0.5518098665095535],
];
const bias = 0.0037930732552754493;

/** The score of interleaved samples 0 .. 1 of `channels` a pixel. */
export function ssimulacra2(
  width: number,
  height: number,
  channels: 1 | 3,
  original: ArrayLike<number>,
  distorted: ArrayLike<number>,
): number {
  let [left, right] = [original, distorted].map((samples) =>
    [0, 1, 2].map((c) => ({
      width,
      height,
      values: Float64Array.from({ length: width * height }, (_, i) => light(samples[i * channels + (c % channels)])),
    })),
  );
  let errors = 0;
  for (const [s, weights] of scaleWeights.entries()) {
    if (s > 0) [left, right] = [left.map(halve), right.map(halve)];
    if (Math.min(left[0].width, left[0].height) < 8) break;
    const [x, y] = [left, right].map(xyb);
    planeNames.forEach((name, i) => {
      const own = weights[name];
      if (!own) return;
      const maps = errorMaps(x[i], y[i]);
      maps.forEach((map, m) => {
        const mean = (power: number): number => map.reduce((sum, value) => sum + value ** power, 0) / map.length;
        errors += own[m] * mean(1) + own[m + 3] * mean(4) ** 0.25;
      });
    });
  }
  const sum = errors * 0.9562382616834844;
  const z = 2.326765642916932 * sum - 0.020884521182843837 * sum ** 2 + 6.248496625763138e-5 * sum ** 3;
  return 100 - 10 * Math.max(0, z) ** 0.6276336467831387;
}

function light(sample: number): number {
  const held = Math.max(0, Math.min(1, sample));
  return held <= 0.04045 ? held / 12.92 : ((held + 0.055) / 1.055) ** 2.4;
}

function halve({ width, height, values }: Plane): Plane {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const at = (x: number, y: number): number => values[Math.min(y, height - 1) * width + Math.min(x, width - 1)];
  return {
    width: columns,
    height: rows,
    values: Float64Array.from({ length: columns * rows }, (_, i) => {
      const [x, y] = [2 * (i % columns), 2 * Math.floor(i / columns)];
      return (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4;
    }),
  };
}

function xyb(planes: readonly Plane[]): Plane[] {
  const cones = opsin.map((row) =>
    planes[0].values.map(
      (_, i) => Math.cbrt(row.reduce((sum, weight, c) => sum + weight * planes[c].values[i], bias)) - Math.cbrt(bias),
    ),
  );
  const [long, middle, short] = cones;
  const y = long.map((value, i) => (value + middle[i]) / 2);
  return [
    long.map((value, i) => 7 * (value - middle[i]) + 0.42),
    y.map((value) => value + 0.01),
    short.map((value, i) => value - y[i] + 0.55),
  ].map((values) => ({ ...planes[0], values }));
}

function blur({ width, height, values }: Plane): Float64Array<ArrayBuffer> {
  const along = (from: Float64Array<ArrayBuffer>, length: number, step: number) =>
    from.map((_, i) => {
      const position = Math.floor(i / step) % length;
      let sum = 0;
      for (let k = -5; k <= 5; k++) {
        if (position + k >= 0 && position + k < length) sum += (taps[k + 5] / total) * from[i + k * step];
      }
      return sum;
    });
  return along(along(values, height, width), width, 1);
}

function errorMaps(x: Plane, y: Plane): Float64Array[] {
  const product = (a: Plane, b: Plane): Float64Array =>
    blur({ ...a, values: a.values.map((value, i) => value * b.values[i]) });
  const [mx, my, xx, yy, xy] = [blur(x), blur(y), product(x, x), product(y, y), product(x, y)];
  const ssim = mx.map((mean, i) => {
    const [a, b] = [mean, my[i]];
    const likeness = (2 * (xy[i] - a * b) + 0.0009) / (xx[i] - a * a + yy[i] - b * b + 0.0009);
    return Math.max(0, 1 - (1 - (a - b) ** 2) * likeness);
  });
  const edge = mx.map((mean, i) => (1 + Math.abs(y.values[i] - my[i])) / (1 + Math.abs(x.values[i] - mean)) - 1);
  return [ssim, edge.map((value) => Math.max(0, value)), edge.map((value) => Math.max(0, -value))];
}
