import { type DecodedImage, hasAlpha } from "./image.js";

/** A picture of one channel: `width` * `height` samples, row by row, 0..255. */
export interface Plane {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** The luma (BT.601) of an image; pixels with alpha are seen over black. */
export function luma({ data, width, height, channels }: DecodedImage): Plane {
  const result = new Float64Array(width * height);
  for (let pixel = 0, i = 0; pixel < result.length; pixel++, i += channels) {
    const grey = channels <= 2 ? data[i] : 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    result[pixel] = hasAlpha(channels) ? (grey * data[i + channels - 1]) / 255 : grey;
  }
  return { data: result, width, height };
}

/** Half the size: means of 2 x 2 samples; an odd last row or column is dropped. */
export function halve({ data, width, height }: Plane): Plane {
  const [columns, rows] = [width >> 1, height >> 1];
  const result = new Float64Array(columns * rows);
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0, from = 2 * y * width; x < columns; x++, from += 2) {
      result[to++] = (data[from] + data[from + 1] + data[from + width] + data[from + width + 1]) / 4;
    }
  }
  return { data: result, width: columns, height: rows };
}
