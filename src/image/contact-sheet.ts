import { expected } from "../ground/errors.js";
import { aNumber, checkOptions, type OptionTable } from "../ground/option-table.js";
import { checkImage, type DecodedImage, type Image } from "./image.js";

export interface ContactSheetOptions {
  /** Pictures a row. Default: as many as make the sheet about square. */
  readonly columns?: number;
  /** Each pixel becomes a square of so many pixels a side. Default 1. */
  readonly scale?: number;
  /** Pixels between pictures. Default 2. */
  readonly gap?: number;
}

const kinds: OptionTable<ContactSheetOptions> = { columns: aNumber, scale: aNumber, gap: aNumber };
const background = 128;

/**
 * Pictures of one size and channel count, row by row on one grey sheet.
 * @throws IsthmusError `invalid-parameter`
 */
export function contactSheet(images: readonly Image[], options: ContactSheetOptions = {}): DecodedImage {
  checkOptions(options, kinds, "contactSheet");
  if (!Array.isArray(images)) throw expected("an array of images", "images", images);
  if (images.length === 0) throw expected("at least one image", "a contact sheet", "none");
  const { columns = Math.ceil(Math.sqrt(images.length)), scale = 1, gap = 2 } = options;
  for (const [name, value, low] of [
    ["columns", columns, 1],
    ["scale", scale, 1],
    ["gap", gap, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < low || value > 10_000) {
      throw expected(`an integer between ${low} and 10000`, name, value);
    }
  }
  const pictures = images.map((image) => checkImage(image));
  const [{ width, height, channels }] = pictures;
  const other = pictures.find(
    (image) => image.width !== width || image.height !== height || image.channels !== channels,
  );
  if (other)
    throw expected("images of one size and channel count", "a contact sheet", `${other.width} x ${other.height}`);
  const [across, down] = [width * scale + gap, height * scale + gap];
  const size = { width: columns * across - gap, height: Math.ceil(pictures.length / columns) * down - gap };
  const data = new Uint8Array(size.width * size.height * channels).fill(background);
  pictures.forEach((picture, i) => {
    const [left, top] = [(i % columns) * across, Math.floor(i / columns) * down];
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
        const to = ((top + y) * size.width + left + x) * channels;
        for (let c = 0; c < channels; c++) data[to + c] = picture.data[from + c];
      }
    }
  });
  return { data, ...size, channels };
}
