import { convertColour } from "../image/channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "../image/image.js";
import { readImage } from "../node/read-image.js";

/** Reads an image as RGB, over white where it is transparent: what every codec of a comparison can hold. */
export async function readOpaque(path: string, signal: AbortSignal): Promise<DecodedImage> {
  return convertColour(overWhite(await readImage(path, { signal })), 3);
}

function overWhite(image: DecodedImage): DecodedImage {
  const { data, width, height, channels } = image;
  if (!hasAlpha(channels)) return image;
  const colours = colourChannels(channels);
  const flat = new Uint8Array(width * height * colours);
  for (let pixel = 0, to = 0; pixel < data.length; pixel += channels) {
    const alpha = data[pixel + colours];
    for (let c = 0; c < colours; c++) flat[to++] = Math.round((data[pixel + c] * alpha + 255 * (255 - alpha)) / 255);
  }
  return { data: flat, width, height, channels: colours };
}
