// The difference between a plain and a variational autoencoder, shown: midpoints of codes and random codes, decoded by both, and the share of them
// that a judge of real digits accepts. Writes bench/results/difference.json, docs/DIFFERENCE.md and the pictures in docs/difference:
//   npm run bench:difference -- [--epochs N]
import { writeFile } from "node:fs/promises";
import { contactSheet, loadLatentSpace, train } from "../dist/index.js";
import { writeImage } from "../dist/node.js";
import { docsPlace, grouped, mean, normals, optionsOf, share, table, writeResults } from "./frame/index.mjs";
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
await writeResults("difference", figures);
await writeFile(await docsPlace("DIFFERENCE.md"), page(figures));

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

function page({ real, results }) {
  const rows = [
    ["reconstructions of test digits", "reconstructions"],
    ["midpoints of the codes of two test digits", "midpoints"],
    ["random codes", "samples"],
  ];
  const shares = results.map((result) => [result.name, ([, key]) => result[key], share()]);
  return `# The difference between a plain and a variational autoencoder

Made by \`npm run bench:difference\`, which trains both and draws these pictures.

Both autoencoders have the same layers, 784-400-20-400-784, ReLU between them, and saw MNIST's 60,000 training digits for ${epochs} epochs. The plain one (\`preset: "vector"\`)
learns codes that give digits back in few bits; nothing says where in the space of codes they should lie, or what the places between them should mean. The
variational one (\`preset: "variational"\`) learns for each digit a cloud of codes, keeps the clouds near N(0, 1), and so has to make something of every place in it.

## Between two digits

Each row goes from the code of one test digit to that of another in nine even steps; the middle column is the midpoint of the two codes.

| plain | variational |
|---|---|
| ![Paths of the plain autoencoder](difference/plain-paths.png) | ![Paths of the variational autoencoder](difference/variational-paths.png) |

## Random codes

Left: codes drawn from normal distributions with the mean and the deviation that each latent has over test digits, the best guess where a model has no prior.
Right: codes drawn from N(0, 1), which is the model's own prior.

| plain | variational |
|---|---|
| ![Random codes, decoded by the plain autoencoder](difference/plain-samples.png) | ![Random codes, decoded by the variational autoencoder](difference/variational-samples.png) |

## In numbers

A judge that knows ${grouped(realDigits)} real training digits accepts an image where its nearest real neighbour is no farther, and where at least as many of its ten nearest neighbours bear one
label, as with 97.5 % of ${grouped(judged)} real test digits each. It accepts ${share()(real)} of ${grouped(2 * judged)} other real test digits. Of ${grouped(judged)} images of each kind:

${table(rows, ["accepted", "0"], ...shares)}

With so many images two shares that differ by less than three per cent may be equal.

The same on your own images: \`isthmus train --preset variational\`, then \`isthmus sample\`, \`isthmus interpolate\` and \`isthmus explore\`.
`;
}
