import type { DecodedImage } from "./image.js";

/** Grey as the Rec. 601 luma of RGB, RGB as grey three times over; other counts are returned as they are. */
export function convertColour(image: DecodedImage, channels: 1 | 3): DecodedImage {
  if (image.channels === channels) return image;
  return channels === 3 ? greyAsRgb(image) : lumaOf(image);
}

/** Grey three times over. */
export function greyAsRgb({ data, width, height }: DecodedImage): DecodedImage {
  const result = new Uint8Array(data.length * 3);
  for (let i = 0; i < result.length; i++) result[i] = data[Math.floor(i / 3)];
  return { data: result, width, height, channels: 3 };
}

function lumaOf({ data, width, height }: DecodedImage): DecodedImage {
  const result = new Uint8Array(width * height);
  for (let i = 0; i < result.length; i++) {
    result[i] = Math.round((299 * data[i * 3] + 587 * data[i * 3 + 1] + 114 * data[i * 3 + 2]) / 1000);
  }
  return { data: result, width, height, channels: 1 };
}

/** True where an RGB image holds no colour. */
export function isGrey({ data, channels }: DecodedImage): boolean {
  if (channels <= 2) return true;
  for (let i = 0; i < data.length; i += channels) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}
