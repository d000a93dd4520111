// A variational autoencoder of digits, 784-400-20-400-784, ten epochs: its loss on test digits, and the speed of a training step beside
// TensorFlow.js and plain JavaScript. Writes bench/results/variational.json:
//   npm run bench:variational -- [--epochs N] [--save FILE.isthm | --model FILE.isthm]
import { readFile, writeFile } from "node:fs/promises";
import { loadModel, train } from "../dist/index.js";
import { optionsOf } from "./frame/options.mjs";
import { report } from "./frame/results.mjs";
import { median } from "./frame/statistics.mjs";
import { processorTime } from "./frame/turns.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { isthmus, plain, shape, tensorflow } from "./variational/contenders.mjs";
import { greyLoss } from "./variational/measure.mjs";

const rounds = 3;
const secondsARound = 1.5;

const options = optionsOf({ epochs: 10, save: undefined, model: undefined });
const training = await trainingDigits();
const { batch, hidden, latents } = shape;
const speeds = await compareSpeeds([await isthmus(training), await tensorflow(training), await plain(training)]);
const model = options.model ? loadModel(await readFile(options.model)) : await trainModel();
const loss = await greyLoss(model, await testDigits());
const { steps } = model.training;
const epochs = Math.round((steps * batch) / training.length);
await report("variational", { shape, epochs, training: model.training, testLoss: loss, speeds });

async function trainModel() {
  const steps = Math.ceil((options.epochs * training.length) / batch);
  const model = await train(training, { preset: "variational", hidden: [hidden], latents, batch, steps, seed: 1 });
  if (options.save) await writeFile(options.save, model.bytes);
  return model;
}

/** Processor time of a step: medians of rounds in which the contenders take turns. */
async function compareSpeeds(contenders) {
  const times = contenders.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { step }] of contenders.entries()) {
      const start = processorTime();
      const spent = () => processorTime() - start;
      let steps = 0;
      while (spent() < secondsARound * 1000) {
        step();
        steps++;
      }
      // The first round warms up.
      if (round > 0) times[i].push(spent() / steps);
    }
  }
  const milliseconds = times.map(median);
  return contenders.map(({ name }, i) => ({
    name,
    milliseconds: milliseconds[i],
    ratio: milliseconds[i] / milliseconds[0],
  }));
}
