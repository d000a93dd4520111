import { checkImage, hasAlpha, type Image } from "../image/image.js";

/** Samples 0 .. 1 in planes; colours are those over nothing: premultiplied by alpha. */
export interface Thumb {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly planes: readonly Float64Array[];
  readonly transparent: boolean;
}

/** Long side of the pictures that are coded. */
export const thumbSide = 32;

/** Width and height of a picture of this shape whose long side is `side`. */
export function fitInto(width: number, height: number, side: number): { width: number; height: number } {
  const factor = side / Math.max(width, height);
  const scaled = (length: number): number => Math.max(1, Math.round(length * factor));
  return { width: scaled(width), height: scaled(height) };
}

/** The image at `side` pixels on its long side, by the mean over the area of each pixel. Smaller images are enlarged. */
export function thumbOf(image: Image, side = thumbSide): Thumb {
  const { data, width, height, channels } = checkImage(image);
  const size = fitInto(width, height, side);
  const columns = coverage(width, size.width);
  const rows = coverage(height, size.height);
  const alpha = hasAlpha(channels);
  const step = channels <= 2 ? 0 : 1;
  const count = size.width * size.height;
  const planes = [0, 1, 2, 3].map(() => new Float64Array(count));
  const [red, green, blue, opacity] = planes;
  const sums = new Float64Array(4 * width);
  for (let y = 0; y < size.height; y++) {
    sums.fill(0);
    for (let row = rows.begin[y]; row < rows.end[y]; row++) {
      const weight = rows.weight(y, row) / 255;
      let at = row * width * channels;
      if (!alpha) {
        for (let x = 0, to = 0; x < width; x++, at += channels, to += 4) {
          sums[to] += weight * data[at];
          sums[to + 1] += weight * data[at + step];
          sums[to + 2] += weight * data[at + 2 * step];
        }
      } else {
        for (let x = 0, to = 0; x < width; x++, at += channels, to += 4) {
          const opaque = data[at + channels - 1] * weight;
          const share = opaque / 255;
          sums[to] += share * data[at];
          sums[to + 1] += share * data[at + step];
          sums[to + 2] += share * data[at + 2 * step];
          sums[to + 3] += opaque;
        }
      }
    }
    for (let x = 0; x < size.width; x++) {
      const to = y * size.width + x;
      for (let column = columns.begin[x]; column < columns.end[x]; column++) {
        const weight = columns.weight(x, column);
        const at = 4 * column;
        red[to] += weight * sums[at];
        green[to] += weight * sums[at + 1];
        blue[to] += weight * sums[at + 2];
        opacity[to] += weight * sums[at + 3];
      }
    }
  }
  if (!alpha) opacity.fill(1);
  return { ...size, planes, transparent: alpha && opacity.some((value) => value < 1 - 1e-9) };
}

/** Which of `from` cells each of `to` cells covers, and how much of its own length each of them is. */
function coverage(from: number, to: number) {
  const scale = from / to;
  const begin = new Int32Array(to);
  const end = new Int32Array(to);
  for (let i = 0; i < to; i++) {
    begin[i] = Math.floor(i * scale);
    end[i] = Math.min(from, Math.ceil((i + 1) * scale - 1e-9));
  }
  const weight = (i: number, cell: number): number =>
    (Math.min((i + 1) * scale, cell + 1) - Math.max(i * scale, cell)) / scale;
  return { begin, end, weight };
}
