// The vector preset on handwritten digits: its reconstruction error beside principal components, and its bytes beside PNG,
// WebP and AVIF at equal PSNR. Trains for under three minutes, then writes bench/results/mnist.json and prints its section:
//   npm run bench:mnist -- [--minutes M] [--save FILE.isthm]
import { writeFile } from "node:fs/promises";
import { train } from "../dist/index.js";
import { optionsOf } from "./frame/options.mjs";
import { decibelsOf, progressLines } from "./frame/progress.mjs";
import { report } from "./frame/results.mjs";
import { atPsnr, codeDigits, pngBytes, rivalCurves } from "./mnist/coding.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { linearError, modelError } from "./mnist/reconstruction.mjs";

const latents = 32;
const codedDigits = 1000;
const qualities = [0, 25, 50, 75, 100];

const { minutes, save } = optionsOf({ minutes: 2.75, save: undefined });
const training = await trainingDigits();
const test = await testDigits();
const onProgress = progressLines(decibelsOf);
const model = await train(training, { preset: "vector", latents, minutes, seed: 1, onProgress });
if (save) await writeFile(save, model.bytes);

const ours = await modelError(model.bytes, test);
const linear = await linearError(training, test, latents);
const first = test.slice(0, codedDigits);
const coded = await codeDigits(model, first, qualities);
const png = await pngBytes(first);
const rivals = await rivalCurves(first, ["WebP", "AVIF 4:4:4"]);
const rows = coded.map((point) => ({
  ...point,
  rivals: rivals.map(({ points }) => atPsnr(points, point.psnr) ?? null),
}));
await report("mnist", {
  latents,
  training: { ...model.training, modelBytes: model.bytes.length },
  testError: { digits: test.length, isthmus: ours, principalComponents: linear, ratio: ours / linear },
  coding: { digits: codedDigits, pngBytes: png, qualities: rows, rivals },
});
