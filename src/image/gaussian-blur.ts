import type { DecodedImage } from "./image.js";
import { mirroredIndex } from "./mirror.js";

/** Standard deviations that the window of a Gaussian reaches to either side. */
const reach = 3;

/** A Gaussian blur of standard deviation `sigma` in pixels, mirrored at the borders, every channel alike. */
export function gaussianBlur(image: DecodedImage, sigma: number): DecodedImage {
  const radius = Math.max(1, Math.ceil(reach * sigma));
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / 2 / sigma ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const kernel = weights.map((weight) => weight / sum);
  const { width, height, channels } = image;
  const across = filterLines(Float64Array.from(image.data), kernel, {
    lines: height,
    lineStep: width * channels,
    length: width,
    step: channels,
    channels,
  });
  const blurred = filterLines(across, kernel, {
    lines: width,
    lineStep: channels,
    length: height,
    step: width * channels,
    channels,
  });
  return { ...image, data: Uint8Array.from(blurred, (value) => Math.round(value)) };
}

/** How the samples of a picture make lines: of rows or of columns. */
interface Lines {
  readonly lines: number;
  readonly lineStep: number;
  readonly length: number;
  readonly step: number;
  readonly channels: number;
}

function filterLines(samples: Float64Array, kernel: Float64Array, { lines, lineStep, length, step, channels }: Lines) {
  const radius = kernel.length >> 1;
  const from = Int32Array.from({ length: length + 2 * radius }, (_, i) => mirroredIndex(i - radius, length) * step);
  const result = new Float64Array(samples.length);
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < channels; channel++) {
      const start = line * lineStep + channel;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k] * samples[start + from[i + k]];
        result[start + i * step] = sum;
      }
    }
  }
  return result;
}
