import type { DecodedImage } from "../../src/image/image.js";

/** Black and white bars of 16 x 16 pixels at several places, upright and lying, with a soft edge. */
export function drawBars(count: number): DecodedImage[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, width] = [1 + ((i * 7) % 9), 3 + (i % 5)];
    const shade = (x: number): number => (x < from || x > from + width ? 0 : x === from ? 140 : 255);
    const data = Uint8Array.from({ length: 256 }, (_, p) => (i % 2 ? shade(p % 16) : shade(p >> 4)));
    return { data, width: 16, height: 16, channels: 1 as const };
  });
}
