import { ssim } from "../../dist/index.js";
import { loadSource, mean } from "../frame/index.mjs";

const { thumbOf } = await loadSource();

/** The image averaged to `side` pixels on its long side, straight RGBA. */
export function smallOf(image, side = 32) {
  const { width, height, planes } = thumbOf(image, side);
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const alpha = planes[3][i];
    for (let c = 0; c < 3; c++) data[4 * i + c] = alpha > 0 ? Math.round((255 * planes[c][i]) / alpha) : 0;
    data[4 * i + 3] = Math.round(255 * alpha);
  }
  return { data, width, height, channels: 4 };
}

/** A decoded picture at another size: bilinear between the centres of its pixels. */
export function averageTo({ data, width, height, channels }, newWidth, newHeight) {
  const result = new Uint8Array(newWidth * newHeight * channels);
  const place = (i, from, to) => {
    const at = Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(from - 1, low + 1), at - low];
  };
  for (let y = 0; y < newHeight; y++) {
    const [top, bottom, down] = place(y, height, newHeight);
    for (let x = 0; x < newWidth; x++) {
      const [left, right, across] = place(x, width, newWidth);
      for (let c = 0; c < channels; c++) {
        const at = (row, column) => data[(row * width + column) * channels + c];
        const above = at(top, left) * (1 - across) + at(top, right) * across;
        const below = at(bottom, left) * (1 - across) + at(bottom, right) * across;
        result[(y * newWidth + x) * channels + c] = Math.round(above * (1 - down) + below * down);
      }
    }
  }
  return { data: result, width: newWidth, height: newHeight, channels };
}

/** Straight RGBA as premultiplied colours, which is the picture over black, with alpha or without. */
function premultiplied({ data, width, height }, channels) {
  const result = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) result[i * channels + c] = Math.round((data[4 * i + c] * data[4 * i + 3]) / 255);
    if (channels === 4) result[i * channels + 3] = data[4 * i + 3];
  }
  return { data: result, width, height, channels };
}

/**
 * Means over the images: PSNR of premultiplied RGB (and alpha), SSIM of the picture over black, distance of the mean colour (root mean square over R, G, B).
 * Isthmus gets the image itself, the others its `medium`.
 */
export function score({ name, setting, ...contender }, images) {
  const scores = images.map(({ image, small, medium }) => {
    const code = contender.encode(name === "Isthmus" ? image : medium);
    const pictures = [small, contender.atSize(code, { width: small.width, height: small.height })];
    const [left, right] = pictures.map((picture) => premultiplied(picture, image.channels % 2 === 0 ? 4 : 3).data);
    const error = left.reduce((sum, value, i) => sum + (value - right[i]) ** 2, 0) / left.length;
    const told = contender.mean(code);
    return {
      bytes: code.length,
      psnr: 10 * Math.log10(255 ** 2 / Math.max(1e-3, error)),
      ssim: ssim(...pictures.map((picture) => premultiplied(picture, 3))),
      colour: Math.sqrt(mean(meanColour(small).map((value, c) => (value - told[c]) ** 2))),
    };
  });
  const of = (key) => mean(scores.map((entry) => entry[key]));
  const sorted = scores.map(({ psnr }) => psnr).sort((a, b) => a - b);
  return {
    ...{ name, setting, bytes: of("bytes"), psnr: of("psnr"), psnr5: sorted[Math.floor(sorted.length * 0.05)] },
    ...{ ssim: of("ssim"), colour: of("colour") },
  };
}

function meanColour({ data }) {
  let opaque = 0;
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    opaque += data[i + 3];
    for (let c = 0; c < 3; c++) sums[c] += data[i + c] * data[i + 3];
  }
  return sums.map((sum) => sum / Math.max(1, opaque));
}
