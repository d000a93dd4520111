// Butteraugli (3-norm) of the embedded model beside AVIF and WebP at equal bytes: a metric that nothing here was trained for. It needs `butteraugli_main` of
// libjxl (Debian: libjxl-devtools):
//   npm run bench:butteraugli -- --images FOLDER [--every 4] [--qualities 25,50,75]
// Writes bench/results/butteraugli.json and prints its table: means over every n-th photo of the folder; less is better.
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { loadCodec } from "../dist/index.js";
import { butteraugliTable } from "./document/butteraugli.mjs";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { mean } from "./statistics.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({ options: { images: text, every: text, qualities: text } });
const folder = options.images ?? giveUp("Expected a folder of photos for --images but received none");
const { readOpaque } = await loadSource();
const every = Number(options.every ?? 4);
const names = (await readdir(folder)).sort().filter((_, i) => i % every === 0);
const codec = await loadCodec();
const rivals = {
  "AVIF 4:4:4, effort 4, tune iq": (image, quality) => image.avif({ quality, effort: 4, chromaSubsampling: "4:4:4" }),
  "WebP, effort 6": (image, quality) => image.webp({ quality, effort: 6 }),
};
const scratch = await mkdtemp(join(tmpdir(), "isthmus-butteraugli-"));
const points = [];
for (const quality of (options.qualities ?? "25,50,75").split(",").map(Number)) {
  const found = [];
  for (const name of names) {
    const image = await readOpaque(join(folder, name), new AbortController().signal);
    const bytes = await codec.encode(image, { quality });
    const shown = [pictureOf(await codec.decode(bytes))];
    for (const rival of Object.values(rivals)) shown.push(sharp(await nearest(image, rival, bytes.length)));
    const distances = [];
    for (const picture of shown) distances.push(await distance(pictureOf(image), picture));
    found.push([bytes.length, ...distances]);
  }
  const means = found[0].map((_, i) => mean(found.map((values) => values[i])));
  points.push({ quality, bytes: means[0], distances: means.slice(1) });
}
await rm(scratch, { recursive: true });
const codecs = ["Isthmus", ...Object.keys(rivals)];
await writeResults("butteraugli", { images: names.length, model: codec.model.id, codecs, points });
printTable(...butteraugliTable({ codecs, points }));

function pictureOf({ data, width, height, channels }) {
  return sharp(data, { raw: { width, height, channels } });
}

/** The file whose size is nearest. */
async function nearest(image, encode, wanted) {
  let best;
  for (let low = 1, high = 100; low <= high; ) {
    const quality = (low + high) >> 1;
    const file = await encode(pictureOf(image), quality).toBuffer();
    if (!best || Math.abs(file.length - wanted) < Math.abs(best.length - wanted)) best = file;
    if (file.length < wanted) low = quality + 1;
    else high = quality - 1;
  }
  return best;
}

async function distance(original, picture) {
  const files = ["original", "picture"].map((name) => join(scratch, `${name}.png`));
  await original.png().toFile(files[0]);
  await picture.removeAlpha().png().toFile(files[1]);
  const told = execFileSync("butteraugli_main", files, { stdio: ["ignore", "pipe", "ignore"] }).toString();
  return Number(told.match(/3-norm: ([\d.]+)/)[1]);
}
