// Trains models/preview.isthm on photos, and some clothes, emoji with alpha, sprites, x-rays and characters:
//   node bench/previews/train.mjs ../shared/data models/preview.isthm
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readImages } from "../../dist/node.js";
import { loadSource } from "../frame/load-source.mjs";
import { optionsOf } from "../frame/options.mjs";

/** Folder, every how many-th image, crops of each. */
const sets = [
  ["photos", 1, 6],
  ["clothing128/train", 2, 1],
  ["emoji-noto128/train", 3, 1],
  ["sprites-dcss32/train", 8, 1],
  ["xray256/train", 8, 1],
  ["omniglot105/train", 40, 1],
];
const greyEvery = 8;
const whiteEvery = 8;
const seed = 5;

const {
  words: [data, output],
  steps,
} = optionsOf({ steps: 1200 });
const { fitPreview, loadKernels, previewWidths, Random, samplesOf, shrink, writePreviewModel } = await loadSource();

const kernels = await loadKernels();
const random = new Random(kernels, seed);
const samples = [];
let images = 0;
for (const [folder, every, crops] of sets) {
  const found = (await readImages(join(data, folder), { crop: false, onSkip() {} })).filter((_, i) => i % every === 0);
  const small = found.map(shrink);
  images += small.length;
  samples.push(...samplesOf(small, crops, random));
  if (folder === "photos")
    samples.push(...samplesOf(small.filter((_, i) => i % greyEvery === 3).map(toGrey), 2, random));
  if (folder.startsWith("emoji"))
    samples.push(...samplesOf(small.filter((_, i) => i % whiteEvery === 0).map(onWhite), 1, random));
}
console.error(`${samples.length} samples of ${images} images`);
const start = performance.now();
const weights = await fitPreview(kernels, samples, {
  ...previewWidths,
  rounds: 3,
  steps,
  seed,
  onProgress({ step, steps, bits }) {
    if (step % 50 === 0)
      console.error(
        `${step} of ${steps}: ${bits.toFixed(1)} bits, ${((performance.now() - start) / 1000).toFixed(0)} s`,
      );
  },
});
const facts = {
  name: "isthmus previews",
  images: String(images),
  samples: String(samples.length),
  steps: String(steps),
  seed: String(seed),
};
await writeFile(output, writePreviewModel(weights, facts));

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
