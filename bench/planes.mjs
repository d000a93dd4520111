// Bytes of alpha, or of lossless grey, with fresh contexts, with contexts trained on other pictures, and as lossless WebP:
//   npm run bench:planes -- FOLDER...     each with the folders train/ and test/ of images inside
// Writes bench/results/planes.json and prints its table. Opaque pictures in colour are left out.
import { basename, join } from "node:path";
import sharp from "sharp";
import { readImages } from "../dist/node.js";
import { fixed, giveUp, loadSource, mean, optionsOf, printTable, writeResults } from "./frame/index.mjs";

const { words: folders } = optionsOf({});
if (folders.length === 0) giveUp("Usage: npm run bench:planes -- FOLDER...");
const library = await loadSource();
const kernels = await library.loadKernels();
const qualities = [70, 40, 0];

const rows = [];
for (const folder of folders) rows.push(await measure(folder));
await writeResults("planes", { rows });
printTable(
  rows,
  ["bytes a plane", "folder"],
  ["planes", "planes"],
  ["fresh", "fresh", fixed(1)],
  ["trained", "trained", fixed(1)],
  ["WebP", "webp", fixed(1)],
  ...qualities.map((quality, i) => [`alpha ${quality}`, `reduced.${i}`, fixed(1)]),
  ["in the model", "stored"],
);

async function measure(folder) {
  const planes = await library.trainingPlanes(await readImages(join(folder, "train")), 3);
  const contexts = await library.trainPlaneContexts(kernels, planes);
  const cells = library.cellsOf(contexts);
  const tested = (await Promise.all((await readImages(join(folder, "test"))).map(planeOf))).filter(Boolean);
  const pacer = new library.Pacer({});
  const bytesBy = async (start, change = (samples) => samples) => {
    const lengths = [];
    for (const plane of tested) {
      const mark = kernels.memory.mark();
      lengths.push((await library.encodePlane(kernels, change(plane.data), plane, start, pacer)).length);
      kernels.memory.release(mark);
    }
    return mean(lengths);
  };
  const webpOf = async ({ data, width, height }) => {
    const picture = sharp(data, { raw: { width, height, channels: 1 } });
    return (await picture.webp({ lossless: true, effort: 6 }).toBuffer()).length;
  };
  const reduced = [];
  for (const quality of qualities)
    reduced.push(await bytesBy(cells, (samples) => library.quantizeAlpha(samples, quality)));
  return {
    ...{ folder: basename(folder), planes: tested.length },
    ...{ fresh: await bytesBy(library.cellsOf(undefined)), trained: await bytesBy(cells) },
    webp: mean(await Promise.all(tested.map(webpOf))),
    ...{ reduced, stored: 7 * contexts.indices.length },
  };
}

/** The plane of an image as a grey one: its alpha, or else its few levels of grey. */
async function planeOf(image) {
  const { width, height } = image;
  const { colour, alpha } = library.splitAlpha(image);
  const few = alpha ? undefined : await library.fewColoursOf(colour, undefined, new library.Breath());
  const data = alpha ?? (few?.palette ? undefined : few?.plane);
  return data && { data, width, height, channels: 1 };
}
