// Models that restore: noise (sigma 25) and blur (sigma 1.6) taken from grey Kodak photos, which no model was trained or tuned on, beside
// sharp's median filter and its sharpening, each at the best of its settings on these very photos. Writes bench/results/restoration.json:
//   npm run bench:restoration -- PHOTOS KODAK [--denoise MODEL.isthm] [--deblur MODEL.isthm]
// Without a model, it is trained on PHOTOS (bench/restoration/train.mjs does that alone).
import { readFile } from "node:fs/promises";
import { createRestorer, loadModel, psnr } from "../dist/index.js";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { giveUp, report } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";
import { filters } from "./restoration/filters.mjs";
import { greyPictures } from "./restoration/pictures.mjs";
import { tasks, trainTask } from "./restoration/tasks.mjs";

const { words, ...models } = optionsOf({ denoise: undefined, deblur: undefined });
const [photos, kodak] = words;
if (!kodak) giveUp("Expected a folder of photos to train on and one of photos to test with");
const { loadKernels, Random } = await loadSource();
const random = new Random(await loadKernels(), 1);
const test = await greyPictures(kodak);

const results = [];
for (const [name, task] of Object.entries(tasks)) {
  const model = models[name]
    ? loadModel(new Uint8Array(await readFile(models[name])))
    : await trainTask(task, await greyPictures(photos));
  results.push({ name, corruption: task.corruption.name, ...(await measure(model, name, task)) });
}
await report("restoration", { images: test.length, results });

async function measure(model, name, { corruption }) {
  const restorer = await createRestorer(model);
  random.reseed(1);
  const pairs = test.map((image) => ({ image, damaged: corruption.apply(image, random) }));
  const restored = [];
  for (const { image, damaged } of pairs) restored.push(psnr(image, await restorer.restore(damaged)));
  const rivals = [];
  for (const { setting, apply } of filters[name]) {
    const scores = await Promise.all(pairs.map(async ({ image, damaged }) => psnr(image, await apply(damaged))));
    rivals.push({ setting, psnr: mean(scores) });
  }
  return {
    damaged: mean(pairs.map(({ image, damaged }) => psnr(image, damaged))),
    restored: mean(restored),
    rival: rivals.reduce((best, rival) => (rival.psnr > best.psnr ? rival : best)),
    training: { ...model.training, modelBytes: model.bytes.length },
  };
}
