import { decode as decodeBlurHash, encode as encodeBlurHash } from "blurhash";
import { rgbaToThumbHash, thumbHashToAverageRGBA, thumbHashToRGBA } from "thumbhash";
import { averageColor, decodePreview, encodePreview } from "../../dist/preview.js";
import { averageTo } from "./score.mjs";

/** Previews of so many bytes. */
export const isthmus = (bytes) => ({
  name: "Isthmus",
  setting: `${bytes} bytes`,
  encode: (image) => encodePreview(image, { bytes }),
  decode: (code) => decodePreview(code),
  atSize: (code, size) => decodePreview(code, size),
  mean: (code) => {
    const { red, green, blue } = averageColor(code);
    return [red, green, blue];
  },
});

/** ThumbHash decodes to its own 32 pixels; other sizes are made from these. */
export const thumbHash = {
  name: "ThumbHash",
  setting: "as it is",
  encode: ({ data, width, height }) => rgbaToThumbHash(width, height, data),
  decode: (code) => thumbHashToRGBA(code),
  atSize(code, { width, height }) {
    const { w, h, rgba } = thumbHashToRGBA(code);
    return averageTo({ data: rgba, width: w, height: h, channels: 4 }, width, height);
  },
  mean(code) {
    const { r, g, b } = thumbHashToAverageRGBA(code);
    return [r, g, b].map((value) => value * 255);
  },
};

/** BlurHash of `count` x (count - 1) waves, along the long and the short side; the size of the picture must be known besides. */
export const blurHash = (count) => ({
  name: "BlurHash",
  setting: `${count} x ${count - 1} waves`,
  encode({ data, width, height }) {
    const [x, y] = width >= height ? [count, count - 1] : [count - 1, count];
    return encodeBlurHash(new Uint8ClampedArray(data), width, height, x, y);
  },
  decode(code, { width, height }) {
    const factor = 32 / Math.max(width, height);
    return decodeBlurHash(code, Math.round(width * factor), Math.round(height * factor));
  },
  atSize: (code, { width, height }) => ({ data: decodeBlurHash(code, width, height), width, height }),
  mean(code) {
    const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    const value = [...code.slice(2, 6)].reduce((sum, character) => sum * 83 + digits.indexOf(character), 0);
    return [value >> 16, (value >> 8) & 255, value & 255];
  },
});
