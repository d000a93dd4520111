import type { Image } from "isthmus";

/** RGB of a picture without transparency, so that no metric counts its alpha as a likeness; others as they are. */
export function withoutOpaqueAlpha({ data, width, height }: ImageData): Image {
  for (let i = 3; i < data.length; i += 4) {
    if (data[i] !== 255) return { data, width, height, channels: 4 };
  }
  const colour = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    colour[to++] = data[from];
    colour[to++] = data[from + 1];
    colour[to++] = data[from + 2];
  }
  return { data: colour, width, height, channels: 3 };
}

/** What a canvas takes. */
export function toImageData({ data, width, height, channels = 4 }: Image): ImageData {
  const pixels = new ImageData(width, height);
  const alpha = channels % 2 === 0 ? channels - 1 : undefined;
  const step = channels > 2 ? 1 : 0;
  for (let from = 0, to = 0; to < pixels.data.length; from += channels) {
    pixels.data[to++] = data[from];
    pixels.data[to++] = data[from + step];
    pixels.data[to++] = data[from + 2 * step];
    pixels.data[to++] = alpha === undefined ? 255 : data[from + alpha];
  }
  return pixels;
}
