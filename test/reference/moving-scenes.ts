import type { DecodedImage } from "../../src/image/image.js";

/** A picture of a moving scene, drawn with integers alone: shading and stripes that stay, a disc that moves by three pixels with each step. */
export function drawMovingScene({
  width,
  height,
  channels,
  step,
}: {
  width: number;
  height: number;
  channels: 1 | 3;
  step: number;
}): DecodedImage {
  const data = new Uint8Array(width * height * channels);
  const radius = Math.max(2, Math.floor(Math.min(width, height) / 8));
  const left = radius + ((3 * step) % Math.max(1, width - 2 * radius));
  const top = Math.floor(height / 2) + (step % 5);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inDisc = (x - left) ** 2 + (y - top) ** 2 < radius ** 2;
      for (let c = 0; c < channels; c++) {
        const shade = 40 + ((2 * x + y + 50 * c) % 150) + ((x + 2 * y) % 29 < 9 ? 40 : 0);
        data[(y * width + x) * channels + c] = inDisc ? 220 - 70 * c : shade;
      }
    }
  }
  return { data, width, height, channels };
}
