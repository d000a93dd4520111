// ln p(x) of digits drawn black and white under 784-200-200-50, once trained by the lower bound (VAE), once by the importance-weighted bound with
// 50 samples (IWAE). Writes bench/results/evidence.json. Trainings take tens of minutes and are commands of their own:
//   npm run bench:evidence -- --train --steps 170000 --save vae.isthm
//   npm run bench:evidence -- --train --steps 24000 --samples 5 --from vae.isthm --save few.isthm
//   npm run bench:evidence -- --train --steps 15000 --batch 32 --learning-rate 3e-4 --samples 50 --from few.isthm --save iwae.isthm
//   npm run bench:evidence -- --vae vae.isthm --few few.isthm --iwae iwae.isthm [--digits N]
import { writeFile } from "node:fs/promises";
import { loadModel, train } from "../dist/index.js";
import { bytesAt, giveUp, optionsOf, progressLines, report } from "./frame/index.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { logLikelihoods } from "./variational/measure.mjs";

const counts = [1, 5, 50, 500, 5000];
const { save, from, minutes, batch, learningRate, vae, few, iwae, ...options } = optionsOf({
  ...{ train: false, steps: 0, samples: 1, from: undefined, save: undefined, minutes: 0, batch: 0, learningRate: 0 },
  ...{ vae: undefined, few: undefined, iwae: undefined, digits: 10_000 },
});
const modelAt = async (path) => loadModel(await bytesAt(path));
if (options.train) {
  const model = await train(await trainingDigits(), {
    ...{ preset: "variational", hidden: [200, 200], latents: 50, activation: "tanh", binarize: true, seed: 1 },
    ...{ steps: options.steps, samples: options.samples },
    ...(from && { from: await modelAt(from) }),
    ...(batch && { batch }),
    ...(learningRate && { learningRate }),
    // So many minutes at most; what has been learnt by then counts.
    ...(minutes && { finish: AbortSignal.timeout(minutes * 60_000) }),
    onProgress: progressLines(({ loss }) => `${loss.toFixed(2)} nats`),
  });
  await writeFile(save, model.bytes);
} else {
  if (!vae || !few || !iwae) giveUp("Expected --train, or --vae, --few and --iwae with models");
  const digits = (await testDigits()).slice(0, options.digits);
  const models = [];
  for (const [name, path] of Object.entries({ VAE: vae, IWAE: iwae })) {
    const model = await modelAt(path);
    models.push({ name, training: model.training, estimates: await logLikelihoods(model, digits, counts) });
  }
  // Where the importance-weighted model comes from: the VAE, weighted by few samples.
  await report("evidence", { digits: digits.length, few: (await modelAt(few)).training, models });
}
