// Finishes a model that training/train.py has left: rounds its weights as files hold them, counts its coding tables in crops of the pictures, and spaces its
// qualities by score where it is tuned for SSIMULACRA 2.
//
//   node training/finish.mjs trained.isthm PICTURES --out my.isthm
//
// `--held-out N` leaves out every Nth picture, as train.py does. `--crops N`: crops that are counted at each quality.
import { readFile, rename, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    package: { type: "string", default: new URL("../dist/", import.meta.url).href },
    out: { type: "string" },
    "held-out": { type: "string" },
    crops: { type: "string", default: "24" },
    seed: { type: "string", default: "0" },
  },
});
const [weights, ...pictures] = positionals;
if (pictures.length === 0 || !values.out) throw new Error("Expected a model, pictures and --out FILE");
const { Model, finishModel } = await import(new URL("index.js", values.package));
const { openImages } = await import(new URL("node.js", values.package));

const all = await openImages(pictures, { onSkip: () => {} });
const every = Number(values["held-out"] ?? Number.POSITIVE_INFINITY);
const images = all.filter((_, i) => i % every !== every - 1);
const options = { crops: Number(values.crops), seed: Number(values.seed) };
const model = await finishModel(Model.read(await readFile(weights)), images, options);
await writeFile(`${values.out}.partial`, model.bytes);
await rename(`${values.out}.partial`, values.out);
console.log(`${values.out}: model ${model.id}, ${model.bytes.length} bytes`);
