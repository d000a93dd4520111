import { separateAlpha } from "../image/alpha.js";
import { convertColour, isGrey } from "../image/channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import { readImage } from "../node/read-image.js";

/**
 * Reads an image as a comparison hands it to every codec: in the fewest channels that hold it, because a sender would do the same.
 * With `crop`, only the middle square of that side. Throws what `readImage` throws.
 */
export async function readPicture(path: string, crop?: number): Promise<DecodedImage> {
  const image = await readImage(path);
  return fewestChannels(crop === undefined ? image : middle(image, crop));
}

export function fewestChannels(image: DecodedImage): DecodedImage {
  const visible = hasAlpha(image.channels) && isOpaque(image) ? separateAlpha(image).colour : image;
  if (!isGrey(visible) || visible.channels <= 2) return visible;
  return visible.channels === 3 ? convertColour(visible, 1) : greyWithAlpha(visible);
}

function isOpaque({ data, channels }: DecodedImage): boolean {
  for (let i = channels - 1; i < data.length; i += channels) if (data[i] !== 255) return false;
  return true;
}

function greyWithAlpha({ data, width, height }: DecodedImage): DecodedImage {
  const result = new Uint8Array(width * height * 2);
  for (let i = 0; i < width * height; i++) {
    result[2 * i] = data[4 * i];
    result[2 * i + 1] = data[4 * i + 3];
  }
  return { data: result, width, height, channels: 2 };
}

/** The middle of an image, at most `side` pixels wide and high. */
function middle(image: DecodedImage, side: number): DecodedImage {
  const { data, channels } = image;
  const width = Math.min(side, image.width);
  const height = Math.min(side, image.height);
  const left = (image.width - width) >> 1;
  const top = (image.height - height) >> 1;
  const result = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * channels;
    result.set(data.subarray(start, start + width * channels), y * width * channels);
  }
  return { data: result, width, height, channels };
}

/** Colours beyond which an image is no flat art: what fits the palette of a GIF or PNG-8. */
const mostFlatColours = 256;

/** True for drawings, icons and pixel art: few different visible colours, where a lossless codec may win. */
export function isFlat({ data, width, height, channels }: DecodedImage): boolean {
  const colours = colourChannels(channels);
  const most = Math.min(mostFlatColours, (width * height) / 4);
  const seen = new Set<number>();
  for (let pixel = 0; pixel < data.length; pixel += channels) {
    if (hasAlpha(channels) && data[pixel + colours] === 0) continue;
    let key = 0;
    for (let c = 0; c < channels; c++) key = key * 256 + data[pixel + c];
    seen.add(key);
    if (seen.size > most) return false;
  }
  return true;
}
