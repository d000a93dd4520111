import type { DecodedImage } from "../../src/image/image.js";

/** Pictures drawn by code: smooth shading, a few discs and stripes, so that there is something to learn and to see. */
export function drawPicture(width: number, height: number, channels: 1 | 2 | 3 | 4, seed = 0): DecodedImage {
  const data = new Uint8Array(width * height * channels);
  const colours = channels <= 2 ? 1 : 3;
  const phase = seed * 1.7;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      const disc = Math.hypot(x - width * (0.3 + 0.05 * (seed % 7)), y - height * 0.5) < Math.min(width, height) / 4;
      for (let c = 0; c < colours; c++) {
        const shade = 110 + 60 * Math.sin(x / 17 + phase + c) + 50 * Math.cos(y / 23 - phase + 2 * c);
        const stripe = (x + 2 * y + 3 * seed) % 29 < 9 ? 25 : 0;
        data[at + c] = Math.max(0, Math.min(255, Math.round(disc ? 230 - 70 * c : shade + stripe)));
      }
      if (channels !== colours) data[at + colours] = disc ? 255 : x < width / 2 ? 0 : 128;
    }
  }
  return { data, width, height, channels };
}

/** A training set of one kind of picture. */
export function drawPictures(count: number, width: number, height: number, channels: 1 | 2 | 3 | 4): DecodedImage[] {
  return Array.from({ length: count }, (_, seed) => drawPicture(width, height, channels, seed));
}
