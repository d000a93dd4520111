// A variational autoencoder of digits, 784-400-20-400-784, ten epochs: its loss on test digits, and the speed of a training step beside
// TensorFlow.js and plain JavaScript. Writes bench/results/variational.json:
//   npm run bench:variational -- [--epochs N] [--save FILE.isthm | --model FILE.isthm]
import { writeFile } from "node:fs/promises";
import { loadModel, train } from "../dist/index.js";
import { bytesAt, inTurns, median, optionsOf, report } from "./frame/index.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { isthmus, plain, shape, tensorflow } from "./variational/contenders.mjs";
import { greyLoss } from "./variational/measure.mjs";

const { epochs: wanted, save, model: path } = optionsOf({ epochs: 10, save: undefined, model: undefined });
const digits = await trainingDigits();
const { batch, hidden, latents } = shape;

/** Processor time of a step: medians of rounds in which the contenders take turns. */
const contenders = [await isthmus(digits), await tensorflow(digits), await plain(digits)];
const works = Object.fromEntries(contenders.map(({ name, step }) => [name, step]));
const times = await inTurns(works, { rounds: 3, warming: 1, least: 1500 });
const own = median(times[contenders[0].name]);
const speeds = contenders.map(({ name }) => {
  const milliseconds = median(times[name]);
  return { name, milliseconds, ratio: milliseconds / own };
});

const steps = Math.ceil((wanted * digits.length) / batch);
const model = path
  ? loadModel(await bytesAt(path))
  : await train(digits, { preset: "variational", hidden: [hidden], latents, batch, steps, seed: 1 });
if (save) await writeFile(save, model.bytes);
const testLoss = await greyLoss(model, await testDigits());
const epochs = Math.round((model.training.steps * batch) / digits.length);
await report("variational", { shape, epochs, training: model.training, testLoss, speeds });
