import { ssim } from "../../dist/index.js";
import { loadSource } from "../frame/load-source.mjs";
import { mean } from "../frame/statistics.mjs";

const { thumbOf } = await loadSource();

/** The image averaged to `side` pixels on its long side: over black for measuring, straight RGBA for those who take no more. */
export function smallOf(image, side = 32) {
  const { width, height, planes } = thumbOf(image, side);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const alpha = planes[3][i];
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = alpha > 0 ? Math.round((255 * planes[c][i]) / alpha) : 0;
    rgba[4 * i + 3] = Math.round(255 * alpha);
  }
  return { width, height, rgba: { data: rgba, width, height, channels: 4 } };
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

/** Premultiplied colours and alpha where there is any, else colours alone. */
function comparable({ data, width, height }, alpha) {
  const channels = alpha ? 4 : 3;
  const result = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) result[i * channels + c] = Math.round((data[4 * i + c] * data[4 * i + 3]) / 255);
    if (alpha) result[i * channels + 3] = data[4 * i + 3];
  }
  return { data: result, width, height, channels };
}

/** Means over the images: PSNR of premultiplied RGB (and alpha), SSIM of the picture over black, distance of the mean colour (root mean square over R, G, B). */
export async function score(contender, images) {
  const scores = images.map(({ image, small }) => {
    const alpha = image.channels % 2 === 0;
    const source = contender.name === "Isthmus" ? image : smallOf(image, 100).rgba;
    const code = contender.encode(source);
    const decoded = contender.atSize(code, { width: small.width, height: small.height });
    const [left, right] = [small.rgba, decoded].map((picture) => comparable(picture, alpha));
    const error = left.data.reduce((sum, value, i) => sum + (value - right.data[i]) ** 2, 0) / left.data.length;
    const colours = [left, right].map(({ data, width, height, channels }) => ({
      ...{ width, height, channels: 3 },
      data: channels === 3 ? data : data.filter((_, i) => i % 4 < 3),
    }));
    const truth = meanColour(small.rgba);
    const told = contender.mean(code);
    return {
      bytes: contender.bytes(code),
      psnr: 10 * Math.log10(255 ** 2 / Math.max(1e-3, error)),
      ssim: ssim(...colours),
      colour: Math.sqrt(mean(truth.map((value, c) => (value - told[c]) ** 2))),
    };
  });
  const of = (key) => mean(scores.map((entry) => entry[key]));
  const sorted = scores.map(({ psnr }) => psnr).sort((a, b) => a - b);
  const { name, setting } = contender;
  return {
    name,
    setting,
    bytes: of("bytes"),
    psnr: of("psnr"),
    psnr5: sorted[Math.floor(sorted.length * 0.05)],
    ssim: of("ssim"),
    colour: of("colour"),
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
