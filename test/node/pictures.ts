import sharp from "sharp";
import type { Channels, DecodedImage } from "../../src/image/image.js";

/** A picture of soft colours, different in every pixel and channel; alpha is between 128 and 255. */
export function picture(width: number, height: number, channels: Channels = 3): DecodedImage {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, i++) {
        const isAlpha = (channels === 2 || channels === 4) && c === channels - 1;
        const wave = 128 + 60 * Math.sin(x / 7 + c) + 50 * Math.cos(y / 5 - c);
        data[i] = isAlpha ? 128 + ((x + y) % 128) : wave;
      }
    }
  }
  return { data, width, height, channels };
}

/** Hands an image to sharp as it is. */
export function toSharp({ data, width, height, channels }: DecodedImage) {
  const pipeline = sharp(data, { raw: { width, height, channels } });
  return channels <= 2 ? pipeline.toColourspace("b-w") : pipeline;
}
