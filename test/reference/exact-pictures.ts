import type { Channels, DecodedImage } from "../../src/image/image.js";

/** A picture drawn with integers alone, so that every engine draws the same bytes. */
export interface ExactPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** `scene`: shading, stripes and a disc. `noise`: nothing that could be predicted. `hidden`: a scene, all of it transparent. `ink`: grey of three levels. `signs`: five colours. */
  readonly kind: "scene" | "noise" | "hidden" | "ink" | "signs";
  readonly seed: number;
}

export function drawExactPicture({ width, height, channels, kind, seed }: ExactPicture): DecodedImage {
  const data = new Uint8Array(width * height * channels);
  const colours = channels <= 2 ? 1 : 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      const inDisc = (4 * x - width * (1 + (seed % 3))) ** 2 + (4 * y - 2 * height) ** 2 < (width * height) / 2;
      for (let c = 0; c < colours; c++) {
        const shade = 40 + wave(2 * x + y + 50 * c + 31 * seed, 97) + ((x + 2 * y + 3 * seed) % 29 < 9 ? 30 : 0);
        const ink = inDisc ? 0 : (x * x + seed * y) % 31 < 9 ? 96 : 255;
        const sign = (Math.imul(ink + (x > y ? 8 : 0), 0x01234567 << c) >>> 20) & 255;
        data[at + c] =
          kind === "signs"
            ? sign
            : kind === "ink"
              ? ink
              : kind === "noise"
                ? scatter(at + c + seed)
                : inDisc
                  ? 220 - 70 * c
                  : shade;
      }
      if (colours === channels) continue;
      const visible = inDisc ? 255 : 3 * x < width ? 0 : 128 + wave(x + y, 40);
      data[at + colours] = kind === "hidden" ? 0 : kind === "noise" ? scatter(at) : visible;
    }
  }
  return { data, width, height, channels };
}

/** 0 .. 127, up and down again over 2 * period. */
const wave = (position: number, period: number): number =>
  Math.floor((Math.abs((position % (2 * period)) - period) * 127) / period);

/** The high byte of a multiplicative hash (Knuth, The Art of Computer Programming 3, section 6.4). */
const scatter = (index: number): number => Math.imul(index + 1, 0x9e3779b1) >>> 24;
