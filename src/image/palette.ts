import { IsthmusError } from "../ground/errors.js";

/**
 * Colours of a lossless picture, and the samples that stand for them in its plane: the coder of planes is best at 0, then at 255, which are those of
 * the most frequent colours (docs/FORMAT.md, "Lossless pictures").
 */
export const sampleOf = (place: number): number => (place === 0 ? 0 : place === 1 ? 255 : place - 1);

const placeOf = (sample: number): number => (sample === 0 ? 0 : sample === 255 ? 1 : sample + 1);

/** Red, green and blue of 24-bit colours. */
export const paletteColours = (colours: readonly number[]): Uint8Array =>
  Uint8Array.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));

/** RGB pixels of the samples of a plane. @throws IsthmusError `corrupt` for a sample that stands for no colour */
export function paint(samples: Uint8Array, palette: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(samples.length * 3);
  for (let i = 0; i < samples.length; i++) {
    const at = placeOf(samples[i]) * 3;
    if (at >= palette.length)
      throw new IsthmusError("corrupt", `Expected a colour for sample ${samples[i]} but received none`);
    pixels[i * 3] = palette[at];
    pixels[i * 3 + 1] = palette[at + 1];
    pixels[i * 3 + 2] = palette[at + 2];
  }
  return pixels;
}
