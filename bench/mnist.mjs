// The vector preset on handwritten digits: its reconstruction error beside principal components, and its bytes beside PNG,
// WebP and AVIF at equal PSNR. Trains for under three minutes, then writes bench/results/mnist.json and prints its section:
//   npm run bench:mnist -- [--minutes M] [--digits 1000] [--save FILE.isthm]
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { loadCodec, train } from "../dist/index.js";
import { decibelsOf, loadSource, mean, optionsOf, progressLines, report } from "./frame/index.mjs";
import { testDigits, trainingDigits } from "./mnist/digits.mjs";
import { linearError, modelError } from "./mnist/reconstruction.mjs";

const latents = 32;
const qualities = [0, 25, 50, 75, 100];
const rivalQualities = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
const { rivals } = await loadSource();

const { minutes, digits, save } = optionsOf({ minutes: 2.75, digits: 1000, save: undefined });
const training = await trainingDigits();
const test = await testDigits();
const onProgress = progressLines(decibelsOf);
const model = await train(training, { preset: "vector", latents, minutes, seed: 1, onProgress });
if (save) await writeFile(save, model.bytes);

const [ours, linear] = [await modelError(model.bytes, test), await linearError(training, test, latents)];
const first = test.slice(0, digits);
const codec = await loadCodec({ model });
const coded = [];
for (const quality of qualities) {
  coded.push(
    await pointOf(quality, async (digit) => {
      const file = await codec.encode(digit, { quality });
      const frame = await codec.encode(digit, { quality, bare: true });
      const { data } = await codec.decode(frame, { bare: { ...digit, grey: true } });
      return { bareBytes: frame.length, fileBytes: file.length, data };
    }),
  );
}
const curves = [];
for (const { name, settings } of rivals.filter(({ name }) => ["WebP", "AVIF 4:4:4"].includes(name))) {
  const [setting] = settings;
  const points = [];
  for (const quality of rivalQualities) {
    points.push(
      await pointOf(quality, async (digit) => {
        const bytes = await setting.apply(rawPicture(digit), quality).toBuffer();
        return { bytes: bytes.length, data: await sharp(bytes).extractChannel(0).raw().toBuffer() };
      }),
    );
  }
  curves.push({ name, setting: setting.name, points });
}
const png = await pointOf(100, async (digit) => {
  const { length } = await rawPicture(digit).png({ compressionLevel: 9 }).toBuffer();
  return { bytes: length, data: digit.data };
});
await report("mnist", {
  latents,
  training: { ...model.training, modelBytes: model.bytes.length },
  testError: { digits: test.length, isthmus: ours, principalComponents: linear, ratio: ours / linear },
  coding: {
    ...{ digits, pngBytes: png.bytes },
    qualities: coded.map((point) => ({ ...point, rivals: curves.map(({ points }) => atPsnr(points, point.psnr)) })),
    rivals: curves,
  },
});

/** Mean bytes of the digits as something codes them, and the PSNR of all of them together. */
async function pointOf(quality, code) {
  const coded = [];
  for (const digit of first) {
    const { data, ...bytes } = await code(digit);
    coded.push({ ...bytes, error: mean(Array.from(digit.data, (sample, i) => (sample - data[i]) ** 2)) });
  }
  const { error, ...bytes } = coded[0];
  const means = Object.keys(bytes).map((key) => [key, mean(coded.map((one) => one[key]))]);
  const psnr = 10 * Math.log10(255 ** 2 / mean(coded.map((one) => one.error)));
  return { quality, ...Object.fromEntries(means), psnr };
}

/** Where a curve passes a PSNR, interpolated; or its coarsest point where even that is better; or nothing. */
function atPsnr(points, psnr) {
  const sorted = [...points].sort((a, b) => a.psnr - b.psnr);
  const above = sorted.findIndex((point) => point.psnr >= psnr);
  if (above <= 0) return above === 0 ? sorted[0] : null;
  const [low, high] = [sorted[above - 1], sorted[above]];
  const part = (psnr - low.psnr) / (high.psnr - low.psnr);
  return { bytes: low.bytes * (high.bytes / low.bytes) ** part, psnr };
}

/** Grey all the way: by default sharp would write three equal channels. */
function rawPicture({ data, width, height, channels }) {
  return sharp(data, { raw: { width, height, channels } }).toColourspace("b-w");
}
