// ln p(x) of digits drawn black and white under 784-200-200-50, once trained by the lower bound (VAE), once by the importance-weighted bound with
// 50 samples (IWAE). Writes bench/results/evidence.json. Trainings take tens of minutes and are commands of their own:
//   npm run bench:evidence -- --train --steps 170000 --save vae.isthm
//   npm run bench:evidence -- --train --steps 24000 --samples 5 --from vae.isthm --save few.isthm
//   npm run bench:evidence -- --train --steps 15000 --batch 32 --learning-rate 3e-4 --samples 50 --from few.isthm --save iwae.isthm
//   npm run bench:evidence -- --vae vae.isthm --few few.isthm --iwae iwae.isthm [--digits N]
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadModel, train } from "../dist/index.js";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { logLikelihoods } from "./variational/measure.mjs";

const counts = [1, 5, 50, 500, 5000];
const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    ...{
      train: { type: "boolean", default: false },
      steps: text,
      samples: { ...text, default: "1" },
      from: text,
      save: text,
    },
    ...{
      minutes: text,
      batch: text,
      "learning-rate": text,
      vae: text,
      few: text,
      iwae: text,
      digits: { ...text, default: "10000" },
    },
  },
});
if (options.train) await trainModel();
else if (options.vae && options.few && options.iwae) await measure();
else giveUp("Expected --train, or --vae, --few and --iwae with models");

async function trainModel() {
  const { steps, samples, from, save, minutes } = options;
  const model = await train(await trainingDigits(), {
    ...{ preset: "variational", hidden: [200, 200], latents: 50, activation: "tanh", binarize: true, seed: 1 },
    ...{ steps: Number(steps), samples: Number(samples) },
    ...(from && { from: loadModel(await readFile(from)) }),
    ...(options.batch && { batch: Number(options.batch) }),
    ...(options["learning-rate"] && { learningRate: Number(options["learning-rate"]) }),
    // So many minutes at most; what has been learnt by then counts.
    ...(minutes && { finish: AbortSignal.timeout(Number(minutes) * 60_000) }),
    onProgress,
  });
  await writeFile(save, model.bytes);
}

/** A line every half minute. */
function onProgress({ phase, step, steps, loss, secondsLeft }) {
  const now = performance.now();
  if (phase !== "train" || now - (onProgress.last ?? 0) < 30_000) return;
  onProgress.last = now;
  console.error(`step ${step} of ${steps}, ${loss.toFixed(2)} nats, ${secondsLeft.toFixed(0)} s left`);
}

async function measure() {
  const digits = (await testDigits()).slice(0, Number(options.digits));
  const results = [];
  for (const [name, path] of Object.entries({ VAE: options.vae, IWAE: options.iwae })) {
    const model = loadModel(await readFile(path));
    results.push({ name, training: model.training, estimates: await logLikelihoods(model, digits, counts) });
  }
  // Where the importance-weighted model comes from: the VAE, weighted by few samples.
  const few = loadModel(await readFile(options.few)).training;
  await writeResults("evidence", { digits: digits.length, few, models: results });
  printTable(
    ["ln p(x), nats", ...counts.map((K) => `K=${K}`)],
    results.map(({ name, estimates }) => [name, ...estimates.map(({ logLikelihood }) => logLikelihood.toFixed(2))]),
  );
}
