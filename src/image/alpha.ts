import { convertColour } from "./channels.js";
import { colourChannels, type DecodedImage, hasAlpha } from "./image.js";

export interface SeparatedImage {
  /** The picture without alpha (1 or 3 channels). */
  readonly colour: DecodedImage;
  /** The alpha plane, width * height samples; undefined where the image has none. */
  readonly alpha: Uint8Array | undefined;
}

/** Splits an image into colour and alpha. The colour of fully transparent pixels is replaced by a smooth continuation of what is visible. */
export const separateAlpha = (image: DecodedImage): SeparatedImage => withoutHidden(splitAlpha(image));

/** What was split, whose hidden colour is replaced in place. */
export function withoutHidden(split: SeparatedImage): SeparatedImage {
  const { colour, alpha } = split;
  if (alpha?.includes(0)) {
    fillHidden(
      { ...colour, colour: colour.data, alpha },
      alpha.every((sample) => sample === 0),
    );
  }
  return split;
}

/** Splits an image into colour and alpha as they are. */
export function splitAlpha(image: DecodedImage): SeparatedImage {
  const { data, width, height, channels } = image;
  if (!hasAlpha(channels)) return { colour: image, alpha: undefined };
  const colours = colourChannels(channels);
  const pixels = width * height;
  const alpha = new Uint8Array(pixels);
  const colour = new Uint8Array(pixels * colours);
  for (let i = 0; i < pixels; i++) {
    alpha[i] = data[i * channels + colours];
    for (let c = 0; c < colours; c++) colour[i * colours + c] = data[i * channels + c];
  }
  return { colour: { data: colour, width, height, channels: colours }, alpha };
}

/** Joins colour and alpha again; invisible pixels become zero. */
export function joinAlpha(colour: DecodedImage, alpha: Uint8Array): DecodedImage {
  const { data, width, height, channels } = colour;
  const joined = (channels + 1) as 2 | 4;
  const result = new Uint8Array(alpha.length * joined);
  for (let i = 0; i < alpha.length; i++) {
    if (alpha[i] === 0) continue;
    for (let c = 0; c < channels; c++) result[i * joined + c] = data[i * channels + c];
    result[i * joined + channels] = alpha[i];
  }
  return { data: result, width, height, channels: joined };
}

/** RGBA from any image; what had no alpha becomes opaque. */
export function addAlpha(image: DecodedImage): DecodedImage {
  if (image.channels === 4) return image;
  const { width, height } = image;
  const { colour, alpha } = separateAlpha(image);
  const { data } = convertColour(colour, 3);
  const result = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) result[i * 4 + c] = data[i * 3 + c];
    result[i * 4 + 3] = alpha ? alpha[i] : 255;
  }
  return { data: result, width, height, channels: 4 };
}

interface Layer {
  colour: Uint8Array;
  /** 0 where the colour is unknown. */
  alpha: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

const neutral = 128;

/** Pull-push filling (Gortler et al. 1996, section 3.3): average the known pixels into ever smaller layers, then fill holes from the coarser one. */
function fillHidden(layer: Layer, nothingKnown: boolean): void {
  const { colour, alpha, width, height, channels } = layer;
  if (nothingKnown) {
    colour.fill(neutral);
    return;
  }
  const coarse = halve(layer);
  if (coarse.alpha.includes(0)) fillHidden(coarse, false);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (alpha[i]) continue;
      const from = (y >> 1) * coarse.width + (x >> 1);
      for (let c = 0; c < channels; c++) colour[i * channels + c] = coarse.colour[from * channels + c];
    }
  }
}

/** Half the size; each pixel is the mean of the known ones among four, unknown where there are none. */
function halve({ colour, alpha, width, height, channels }: Layer): Layer {
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1, channels };
  const result: Layer = {
    ...half,
    colour: new Uint8Array(half.width * half.height * channels),
    alpha: new Uint8Array(half.width * half.height),
  };
  const sums = [0, 0, 0];
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      let known = 0;
      sums.fill(0);
      for (let v = 2 * y; v < Math.min(2 * y + 2, height); v++) {
        for (let u = 2 * x; u < Math.min(2 * x + 2, width); u++) {
          if (!alpha[v * width + u]) continue;
          known++;
          for (let c = 0; c < channels; c++) sums[c] += colour[(v * width + u) * channels + c];
        }
      }
      const at = y * half.width + x;
      result.alpha[at] = known ? 255 : 0;
      for (let c = 0; c < channels; c++) result.colour[at * channels + c] = known ? Math.round(sums[c] / known) : 0;
    }
  }
  return result;
}
