// Trains a small model in a folder: writes a checkpoint ten times a second, goes on from one that is there, and ends with the model.
//   node bench/soak/train.mjs FOLDER STEPS
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { train } from "../../dist/index.js";

const [, , folder, steps] = process.argv;
const checkpoint = join(folder, "checkpoint");
const images = Array.from({ length: 8 }, (_, seed) => ({
  ...{ width: 24, height: 24, channels: 3 },
  data: Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) => ((i % 72) * (seed + 2) + Math.floor(i / 72) * 5) % 256),
}));

const model = await train(images, {
  ...{ preset: "photo", latents: 8, steps: Number(steps), seed: 7, batch: 2, crop: 16, checkpointSeconds: 0.1 },
  ...(existsSync(checkpoint) && { resume: new Uint8Array(await readFile(checkpoint)) }),
  async onCheckpoint(bytes) {
    await writeFile(`${checkpoint}.new`, bytes);
    await rename(`${checkpoint}.new`, checkpoint);
    console.log("checkpoint");
  },
});
// What the training took is a fact of the model file, and the only one that may differ.
const weights = [...model.weights()]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, values]) => Buffer.from(values.buffer));
await writeFile(join(folder, "weights"), Buffer.concat(weights));
