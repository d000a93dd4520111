import type { Image } from "isthmus";

/** RGB of a picture without transparency, so that no metric counts its alpha as a likeness; others as they are. */
export const withoutOpaqueAlpha = (image: ImageData): Image => (isOpaque(image) ? colourOf(image) : rgba(image));

/** A picture as it is measured beside an original: without alpha where that has none. */
export const withAlphaOf = (original: Image, image: ImageData): Image =>
  original.channels === 4 ? rgba(image) : colourOf(image);

const rgba = ({ data, width, height }: ImageData): Image => ({ data, width, height, channels: 4 });

function isOpaque({ data }: ImageData): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

function colourOf({ data, width, height }: ImageData): Image {
  const colour = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    colour[to++] = data[from];
    colour[to++] = data[from + 1];
    colour[to++] = data[from + 2];
  }
  return { data: colour, width, height, channels: 3 };
}
