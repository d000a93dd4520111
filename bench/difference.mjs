// The difference between a plain and a variational autoencoder, shown: midpoints of codes and random codes, decoded by both, and the share of them
// that a judge of real digits accepts. Writes bench/results/difference.json and the pictures in docs/difference, for docs/DIFFERENCE.md:
//   npm run bench:difference -- [--epochs N]
import { contactSheet, loadLatentSpace, train } from "../dist/index.js";
import { writeImage } from "../dist/node.js";
import { docsPlace, mean, normals, optionsOf, report } from "./frame/index.mjs";
import { testDigits, trainingDigits, trainingLabels } from "./mnist/digits.mjs";
import { Judge } from "./variational/judge.mjs";

const judged = 1000;
const realDigits = 20_000;
const [batch, latents, hidden] = [128, 20, [400]];

const { epochs } = optionsOf({ epochs: 10 });
const training = await trainingDigits();
const test = await testDigits();
const steps = Math.ceil((epochs * training.length) / batch);
const common = { latents, hidden, activation: "relu", likelihood: "bernoulli", batch, steps, seed: 1 };
const plain = await loadLatentSpace({ model: await train(training, { preset: "vector", ...common }) });
const variational = await loadLatentSpace({ model: await train(training, { preset: "variational", ...common }) });
const [real, labels] = [training.slice(0, realDigits), (await trainingLabels()).slice(0, realDigits)];
const judge = await Judge.create(real, labels, test.slice(0, judged));
// Digits that set no threshold: pairs of neighbours in the order of the file, which is random.
const others = test.slice(judged, 3 * judged);

const results = [];
for (const [name, space] of Object.entries({ plain, variational })) {
  const codes = [];
  for (const digit of others) codes.push(await space.encode(digit));
  const middles = Array.from({ length: judged }, (_, i) => middleOf(codes[2 * i], codes[2 * i + 1]));
  const random = name === "plain" ? space.decode(normalCodes(codes)) : space.sample(judged, { seed: 1 });
  const [midpoints, samples] = [await space.decode(middles), await random];
  const reconstructions = await space.decode(codes.slice(0, judged));
  const accepted = { reconstructions, midpoints, samples };
  for (const [kind, images] of Object.entries(accepted)) accepted[kind] = judge.accepts(images);
  results.push({ name, ...accepted, training: space.model.training });
  const paths = [];
  for (let i = 0; i < 8; i++) paths.push(...(await space.interpolate(codes[2 * i], codes[2 * i + 1], 9)));
  for (const [kind, images] of Object.entries({ paths, samples: samples.slice(0, 72) })) {
    await writeImage(contactSheet(images, { columns: 9 }), await docsPlace(`difference/${name}-${kind}.png`));
  }
}
const figures = { epochs, steps, judged, realDigits, real: judge.accepts(others), results };
await report("difference", figures);

function middleOf({ modelId, values }, other) {
  return { modelId, values: values.map((value, c) => (value + other.values[c]) / 2) };
}

/** Codes drawn from independent normal distributions with the means and deviations of given codes: the best guess without a prior. */
function normalCodes(codes) {
  const columns = Array.from({ length: latents }, (_, c) => codes.map(({ values }) => values[c]));
  const moments = columns.map((column) => {
    const centre = mean(column);
    return { centre, deviation: Math.sqrt(mean(column.map((value) => (value - centre) ** 2))) };
  });
  const normal = normals(1);
  const { modelId } = codes[0];
  return Array.from({ length: judged }, () => ({
    modelId,
    values: Float32Array.from(moments, ({ centre, deviation }) => centre + deviation * normal()),
  }));
}
