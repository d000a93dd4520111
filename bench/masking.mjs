// A model that fills in blocks missing from Fashion-MNIST's pictures: likeness before and after, on pictures that it was not trained on, beside
// the mean picture laid into the very same blocks. Writes bench/results/masking.json and docs/masking.png:
//   npm run bench:masking -- [--steps N]
import { contactSheet, createRestorer, mask, psnr, train } from "../dist/index.js";
import { writeImage } from "../dist/node.js";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { place } from "./frame/places.mjs";
import { report } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";
import { clothes } from "./masking/clothes.mjs";

const corruption = mask(10, 0.13);
const [tested, shown] = [1000, 16];

const { steps } = optionsOf({ steps: 6000 });
const { training, test } = await clothes();
const model = await train(training, { preset: "vector", corrupt: corruption, steps, seed: 1 });

const { loadKernels, Random } = await loadSource();
const random = new Random(await loadKernels(), 2);
const stride = Math.floor(test.length / tested);
const images = test.filter((_, i) => i % stride === 0).slice(0, tested);
const damaged = images.map((image) => corruption.apply(image, random));
const average = meanPicture(training);
const filled = damaged.map((picture, i) => fill(picture, images[i]));
const restorer = await createRestorer(model);
const restored = [];
for (const picture of damaged) restored.push(await restorer.restore(picture));

const likeness = (pictures) => mean(pictures.map((picture, i) => psnr(images[i], picture)));
await report("masking", {
  corruption: corruption.name,
  images: images.length,
  ...{ damaged: likeness(damaged), filled: likeness(filled), restored: likeness(restored) },
  training: { ...model.training, modelBytes: model.bytes.length },
});
const some = (pictures) => pictures.filter((_, i) => i % Math.floor(tested / shown) === 0).slice(0, shown);
const rows = [...some(images), ...some(damaged), ...some(restored)];
await writeImage(contactSheet(rows, { columns: shown }), place("docs/masking.png"));

function meanPicture(pictures) {
  const sums = new Float64Array(pictures[0].data.length);
  for (const { data } of pictures) for (let i = 0; i < sums.length; i++) sums[i] += data[i];
  return Uint8Array.from(sums, (sum) => Math.round(sum / pictures.length));
}

/** The mean picture where something is missing: it knows the places, which the model has to find. */
function fill(picture, { data: original }) {
  return { ...picture, data: picture.data.map((sample, i) => (sample === original[i] ? sample : average[i])) };
}
