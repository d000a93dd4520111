// Decoding and encoding time of one thread beside AVIF: the decoder of @jsquash/avif, which is WebAssembly as well, and sharp's encoder.
//   npm run bench:decoders -- [--images FOLDER] [--limit N]
// Every picture is timed with every codec in turn, so that a slow moment of the machine meets all of them. Writes bench/results/decoders.json.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { loadCodec } from "../dist/index.js";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { median } from "./statistics.mjs";

const { readOpaque } = await loadSource();
const text = { type: "string" };
const { values: options } = parseArgs({ options: { images: text, limit: text } });
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const names = (
  await readdir(folder).catch(() => giveUp(`Expected photos in ${folder}: name another folder by --images`))
)
  .sort()
  .slice(0, Number(options.limit ?? 24));
/** Quality of Isthmus and one of AVIF that gives about the same PSNR on photos. */
const quality = { isthmus: 50, avif: 55 };
const repetitions = 3;

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
const require = createRequire(new URL("node_modules/", import.meta.url));
const decoder = await import(require.resolve("@jsquash/avif/decode.js"));
await decoder.init(new WebAssembly.Module(await readFile(require.resolve("@jsquash/avif/codec/dec/avif_dec.wasm"))));
sharp.concurrency(1);

const codec = await loadCodec();
const { signal } = new AbortController();
const times = { isthmusEncode: [], avifEncode: [], isthmusDecode: [], avifDecode: [] };
for (const name of names) {
  const image = await readOpaque(join(folder, name), signal);
  const picture = sharp(image.data, { raw: { width: image.width, height: image.height, channels: image.channels } });
  const avif = () =>
    picture.clone().avif({ quality: quality.avif, effort: 4, chromaSubsampling: "4:4:4", tune: "psnr" }).toBuffer();
  const stream = await codec.encode(image, { quality: quality.isthmus });
  const file = await avif();
  times.isthmusEncode.push(await time(() => codec.encode(image, { quality: quality.isthmus, effort: 0 })));
  times.avifEncode.push(await time(avif, 1));
  times.isthmusDecode.push(await time(() => codec.decode(stream)));
  times.avifDecode.push(await time(() => decoder.default(file)));
}
const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
const ratios = {
  decode: median(times.isthmusDecode.map((value, i) => value / times.avifDecode[i])),
  encode: median(times.isthmusEncode.map((value, i) => value / times.avifEncode[i])),
};
await writeResults("decoders", { model: codec.model.id, images: names.length, quality, milliseconds: medians, ratios });
printTable(
  ["median, ms", "Isthmus", "AVIF", "ratio"],
  ["Decode", "Encode"].map((what) => [
    what === "Decode" ? "decode (@jsquash/avif)" : "encode, effort 0 (sharp's AVIF, effort 4)",
    medians[`isthmus${what}`].toFixed(1),
    medians[`avif${what}`].toFixed(1),
    `${ratios[what.toLowerCase()].toFixed(2)}x`,
  ]),
);

/** The least of a few runs, in milliseconds. */
async function time(work, times = repetitions) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
