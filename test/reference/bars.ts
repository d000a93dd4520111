import type { DecodedImage } from "../../src/image/image.js";

/** Bright bars of 16 x 16 pixels on black at several places, upright and lying, with a grain of more greys than are coded without loss. */
export function drawBars(count: number): DecodedImage[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, width] = [1 + ((i * 7) % 9), 3 + (i % 5)];
    const shade = (x: number): number => (x < from || x > from + width ? 0 : x === from ? 140 : 255);
    const grain = (p: number): number => ((p * 37 + i * 11) % 23) - 11;
    const data = Uint8ClampedArray.from({ length: 256 }, (_, p) => (i % 2 ? shade(p % 16) : shade(p >> 4)) + grain(p));
    return { data: new Uint8Array(data.buffer), width: 16, height: 16, channels: 1 as const };
  });
}
