// The vector preset on handwritten digits: its reconstruction error beside principal components, and its bytes beside PNG,
// WebP and AVIF at equal PSNR. Trains for under three minutes, then writes bench/results/mnist.json and prints its tables:
//   npm run bench:mnist -- [--minutes M] [--save FILE.isthm]
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { train } from "../dist/index.js";
import { atPsnr, codeDigits, pngBytes, rivalCurves } from "./mnist/coding.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { linearError, modelError } from "./mnist/reconstruction.mjs";
import { printTable, writeResults } from "./results.mjs";

const latents = 32;
const codedDigits = 1000;
const qualities = [0, 25, 50, 75, 100];

const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "2.75" }, save: { type: "string" } },
});
const training = await trainingDigits();
const test = await testDigits();
const model = await train(training, {
  preset: "vector",
  latents,
  minutes: Number(options.minutes),
  seed: 1,
  onProgress,
});
if (options.save) await writeFile(options.save, model.bytes);

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
await writeResults("mnist", {
  latents,
  training: { ...model.training, modelBytes: model.bytes.length },
  testError: { digits: test.length, isthmus: ours, principalComponents: linear, ratio: ours / linear },
  coding: { digits: codedDigits, pngBytes: png, qualities: rows, rivals },
});
print();

/** A line every half minute. */
function onProgress({ phase, step, steps, psnr, secondsLeft }) {
  const now = performance.now();
  if (phase !== "train" || now - (onProgress.last ?? 0) < 30_000) return;
  onProgress.last = now;
  console.error(`step ${step} of ${steps}, ${psnr.toFixed(2)} dB, ${secondsLeft.toFixed(0)} s left`);
}

function print() {
  const { seconds, steps } = model.training;
  printTable(
    ["28 x 28 digits, 32 latents", `MSE of ${test.length} test digits`],
    [
      ["principal components", linear.toFixed(5)],
      [`Isthmus, ${steps} steps in ${seconds} s`, ours.toFixed(5)],
      ["ratio", (ours / linear).toFixed(3)],
    ],
  );
  const bytesOf = (point) =>
    point ? `${point.bytes.toFixed(1)}${point.quality ? ` at ${point.psnr.toFixed(2)} dB` : ""}` : "";
  printTable(
    ["bytes a digit, quality", "PSNR dB", "bare frame", "file", ...rivals.map(({ name }) => name), "PNG, lossless"],
    rows.map(({ quality, psnr, bareBytes, fileBytes, rivals }) => [
      ...[String(quality), psnr.toFixed(2), bareBytes.toFixed(1), fileBytes.toFixed(1)],
      ...[...rivals.map(bytesOf), png.toFixed(1)],
    ]),
  );
}
