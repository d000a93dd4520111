// Models that restore: noise (sigma 25) and blur (sigma 1.6) taken from grey Kodak photos, which no model was trained or tuned on, beside
// sharp's median filter and its sharpening, each at the best of its settings on these very photos. Writes bench/results/restoration.json:
//   npm run bench:restoration -- PHOTOS KODAK [--denoise MODEL.isthm] [--deblur MODEL.isthm] [--only denoise,deblur] [--limit N] [--steps N]
// A model that is not there yet is trained on PHOTOS and written.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import sharp from "sharp";
import { blur, createRestorer, loadModel, noise, psnr, train } from "../dist/index.js";
import { readImages } from "../dist/node.js";
import {
  bytesAt,
  decibelsOf,
  giveUp,
  loadSource,
  mean,
  optionsOf,
  place,
  progressLines,
  report,
} from "./frame/index.mjs";

/** What is undone, for how many steps a model is trained, and what sharp offers for the same, at a range of settings. */
const tasks = {
  denoise: {
    corruption: noise(25),
    usualSteps: 5000,
    filters: [3, 5, 7].map((size) => ({
      setting: `median ${size}x${size}`,
      apply: (picture) => picture.median(size),
    })),
  },
  deblur: {
    corruption: blur(1.6),
    usualSteps: 2000,
    filters: [0.8, 1.2, 1.6, 2, 2.5].flatMap((sigma) =>
      [0.5, 1, 2, 4].map((strength) => ({
        setting: `sharpen, sigma ${sigma}, m1 ${strength}, m2 ${2 * strength}`,
        apply: (picture) => picture.sharpen({ sigma, m1: strength, m2: 2 * strength }),
      })),
    ),
  },
};

const { words, only, limit, steps, ...models } = optionsOf({
  ...{ denoise: place(".scratch/restoration/denoise.isthm"), deblur: place(".scratch/restoration/deblur.isthm") },
  ...{ only: Object.keys(tasks), limit: Number.POSITIVE_INFINITY, steps: 0 },
});
const [photos, kodak] = words;
if (!kodak) giveUp("Expected a folder of photos to train on and one of photos to test with");
const { convertColour, loadKernels, Random } = await loadSource();
const random = new Random(await loadKernels(), 1);
const greyPictures = async (folder) =>
  (await readImages(folder)).slice(0, limit).map((image) => convertColour(image, 1));
const test = await greyPictures(kodak);

const results = [];
for (const name of only) {
  const model = await modelOf(tasks[name], resolve(models[name]));
  results.push({ name, corruption: tasks[name].corruption.name, ...(await measure(model, tasks[name])) });
}
await report("restoration", { images: test.length, results });

/** A model of grey pictures of any size. */
async function modelOf({ corruption, usualSteps }, path) {
  if (existsSync(path)) return loadModel(await bytesAt(path));
  const options = { preset: "photo", corrupt: corruption, steps: steps || usualSteps, seed: 1 };
  const model = await train(await greyPictures(photos), { ...options, onProgress: progressLines(decibelsOf) });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, model.bytes);
  return model;
}

async function measure(model, { corruption, filters }) {
  const restorer = await createRestorer(model);
  random.reseed(1);
  const pairs = test.map((image) => ({ image, damaged: corruption.apply(image, random) }));
  const likeness = async (change) => {
    const likenesses = [];
    for (const { image, damaged } of pairs) likenesses.push(psnr(image, await change(damaged)));
    return mean(likenesses);
  };
  const rivals = [];
  for (const { setting, apply } of filters) {
    const filtered = async ({ data, ...image }) => {
      const { width, height, channels } = image;
      const picture = apply(sharp(data, { raw: { width, height, channels } }));
      return { ...image, data: new Uint8Array(await picture.toColourspace("b-w").raw().toBuffer()) };
    };
    rivals.push({ setting, psnr: await likeness(filtered) });
  }
  return {
    damaged: await likeness((picture) => picture),
    restored: await likeness((picture) => restorer.restore(picture)),
    rival: rivals.reduce((best, rival) => (rival.psnr > best.psnr ? rival : best)),
    training: { ...model.training, modelBytes: model.bytes.length },
  };
}
