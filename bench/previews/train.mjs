// Trains models/preview.isthm on photos, and some clothes, emoji with alpha, sprites, x-rays and characters:
//   node bench/previews/train.mjs ../shared/data models/preview.isthm
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readImages } from "../../dist/node.js";
import { loadSource, optionsOf } from "../frame/index.mjs";

/** Folder, every how many-th image, crops of each. */
const sets = [
  ["photos", 1, 6],
  ["clothing128/train", 2, 1],
  ["emoji-noto128/train", 3, 1],
  ["sprites-dcss32/train", 8, 1],
  ["xray256/train", 8, 1],
  ["omniglot105/train", 40, 1],
];
const seed = 5;
const { words, steps } = optionsOf({ steps: 1200 });
const [data, output] = words;
const source = await loadSource();

const kernels = await source.loadKernels();
const random = new source.Random(kernels, seed);
const samples = [];
const add = (images, crops) => samples.push(...source.samplesOf(images, crops, random));
let images = 0;
for (const [folder, every, crops] of sets) {
  const found = (await readImages(join(data, folder), { crop: false, onSkip() {} })).filter((_, i) => i % every === 0);
  const small = found.map(source.shrink);
  images += small.length;
  add(small, crops);
  const eighth = (rest) => small.filter((_, i) => i % 8 === rest);
  if (folder === "photos") add(eighth(3).map(toGrey), 2);
  if (folder.startsWith("emoji")) add(eighth(0).map(onWhite), 1);
}
console.error(`${samples.length} samples of ${images} images`);
const weights = await source.fitPreview(kernels, samples, {
  ...{ ...source.previewWidths, rounds: 3, steps, seed },
  onProgress({ step, steps, bits }) {
    if (step % 50 === 0) console.error(`${step} of ${steps}: ${bits.toFixed(1)} bits`);
  },
});
const facts = { name: "isthmus previews", ...{ images, samples: samples.length, steps, seed } };
const texts = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, String(fact)]));
await writeFile(output, source.writePreviewModel(weights, texts));

function toGrey(image) {
  const data = image.data.slice();
  for (let i = 0; i < data.length; i += image.channels) {
    data.fill(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]), i, i + 3);
  }
  return { ...image, data };
}

function onWhite(image) {
  const data = image.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c] = Math.round(255 + ((data[i + c] - 255) * data[i + 3]) / 255);
    data[i + 3] = 255;
  }
  return { ...image, data };
}
