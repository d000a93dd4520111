import type { DecodedImage } from "./image.js";

/** 1 / `factor` of the size, rounded up: means of blocks of `factor` x `factor` pixels, of what is left at the edges. */
export function shrink(image: DecodedImage, factor: number): DecodedImage {
  const { data, width, height, channels } = image;
  const [columns, rows] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const result = new Uint8Array(columns * rows * channels);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let [sum, count] = [0, 0];
        for (let v = y * factor; v < Math.min(height, (y + 1) * factor); v++) {
          for (let u = x * factor; u < Math.min(width, (x + 1) * factor); u++) {
            sum += data[(v * width + u) * channels + channel];
            count++;
          }
        }
        result[(y * columns + x) * channels + channel] = Math.round(sum / count);
      }
    }
  }
  return { data: result, width: columns, height: rows, channels: image.channels };
}

/** Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15 (a = -1/2). */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d >= 2) return 0;
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
}

interface Tap {
  readonly from: Int32Array;
  readonly weight: Float64Array;
}

/** For each position of `wanted`, the four samples (edges repeated) and weights that it is made of. */
function taps(available: number, factor: number, wanted: number): Tap[] {
  return Array.from({ length: wanted }, (_, i) => {
    const centre = (i + 0.5) / factor - 0.5;
    const first = Math.floor(centre) - 1;
    const positions = [0, 1, 2, 3].map((k) => first + k);
    return {
      from: Int32Array.from(positions, (position) => Math.min(available - 1, Math.max(0, position))),
      weight: Float64Array.from(positions, (position) => cubic(position - centre)),
    };
  });
}

/** `factor` times the size by cubic convolution, cut to `size` where that is given. */
export function enlarge(
  image: DecodedImage,
  factor: number,
  size = { width: image.width * factor, height: image.height * factor },
): DecodedImage {
  const { data, channels } = image;
  const { width, height } = size;
  const columns = taps(image.width, factor, width);
  const rows = taps(image.height, factor, height);
  const wide = new Float64Array(width * image.height * channels);
  for (let y = 0, to = 0; y < image.height; y++) {
    for (const { from, weight } of columns) {
      for (let channel = 0; channel < channels; channel++, to++) {
        for (let k = 0; k < 4; k++) wide[to] += weight[k] * data[(y * image.width + from[k]) * channels + channel];
      }
    }
  }
  const result = new Uint8Array(width * height * channels);
  const stride = width * channels;
  for (let y = 0, to = 0; y < height; y++) {
    const { from, weight } = rows[y];
    for (let i = 0; i < stride; i++, to++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += weight[k] * wide[from[k] * stride + i];
      result[to] = Math.max(0, Math.min(255, Math.round(sum)));
    }
  }
  return { data: result, width, height, channels };
}
