// Decoding and encoding time of one thread beside codecs in WebAssembly: the decoder of @jsquash/avif and the encoder of @jsquash/webp (with its default
// settings, method 4, and with method 6); and beside sharp's native AVIF encoder.
//   npm run bench:decoders -- [--images FOLDER] [--limit N] [--rounds N]
// Times are processor time. Every picture is timed with every codec in turn, so that a slow moment of the machine meets all of them. Writes bench/results/decoders.json.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { loadCodec, psnr } from "../dist/index.js";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { mean, median } from "./statistics.mjs";

const { readOpaque } = await loadSource();
const text = { type: "string" };
const { values: options } = parseArgs({ options: { images: text, limit: text, rounds: text } });
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const names = (
  await readdir(folder).catch(() => giveUp(`Expected photos in ${folder}: name another folder by --images`))
)
  .sort()
  .slice(0, Number(options.limit ?? 24));
/** Quality of Isthmus, one of AVIF that gives about the same PSNR on photos, and the default of WebP. */
const quality = { isthmus: 50, avif: 40, webp: 75 };
const rounds = Number(options.rounds ?? 5);

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
const require = createRequire(new URL("node_modules/", import.meta.url));
const decoder = await import(require.resolve("@jsquash/avif/decode.js"));
await decoder.init(new WebAssembly.Module(await readFile(require.resolve("@jsquash/avif/codec/dec/avif_dec.wasm"))));
const webpRequire = createRequire(import.meta.url);
const webp = await import(webpRequire.resolve("@jsquash/webp/encode.js"));
await webp.init(
  new WebAssembly.Module(await readFile(webpRequire.resolve("@jsquash/webp/codec/enc/webp_enc_simd.wasm"))),
);
sharp.concurrency(1);

const codec = await loadCodec();
const { signal } = new AbortController();
const kinds = ["isthmusDecode", "avifDecode", "isthmusEncode", "webpEncode", "webpEncodeMethod6", "avifEncode"];
const times = Object.fromEntries(kinds.map((name) => [name, []]));
const psnrs = { isthmus: [], webp: [], avif: [] };
for (const name of names) {
  const image = await readOpaque(join(folder, name), signal);
  const { width, height, channels } = image;
  const picture = sharp(image.data, { raw: { width, height, channels } });
  const rgba = {
    data: new Uint8ClampedArray((await picture.clone().ensureAlpha().raw().toBuffer()).buffer),
    width,
    height,
  };
  const avif = () =>
    picture.clone().avif({ quality: quality.avif, effort: 4, chromaSubsampling: "4:4:4", tune: "psnr" }).toBuffer();
  const encode = () => codec.encode(image, { quality: quality.isthmus, effort: 0 });
  const [stream, file, still] = [await encode(), await avif(), Buffer.from(await webp.default(rgba))];
  psnrs.isthmus.push(psnr(image, await codec.decode(stream)));
  for (const [which, bytes] of Object.entries({ avif: file, webp: still })) {
    psnrs[which].push(psnr(image, { ...image, data: await sharp(bytes).removeAlpha().raw().toBuffer() }));
  }
  const works = {
    isthmusDecode: () => codec.decode(stream),
    avifDecode: () => decoder.default(file),
    isthmusEncode: encode,
    webpEncode: () => webp.default(rgba),
    webpEncodeMethod6: () => webp.default(rgba, { method: 6 }),
  };
  const taken = await timeInTurn(works, rounds);
  Object.assign(taken, await timeInTurn({ avifEncode: avif }, 1));
  for (const [what, milliseconds] of Object.entries(taken)) times[what].push(milliseconds);
}
const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
const ratio = (own, other) => median(times[own].map((value, i) => value / times[other][i]));
const ratios = {
  decode: ratio("isthmusDecode", "avifDecode"),
  webp: ratio("isthmusEncode", "webpEncode"),
  webpMethod6: ratio("isthmusEncode", "webpEncodeMethod6"),
  encode: ratio("isthmusEncode", "avifEncode"),
};
const meanPsnrs = Object.fromEntries(Object.entries(psnrs).map(([name, values]) => [name, mean(values)]));
const figures = {
  model: codec.model.id,
  images: names.length,
  rounds,
  quality,
  psnr: meanPsnrs,
  milliseconds: medians,
  ratios,
};
await writeResults("decoders", figures);
printTable(
  ["median, ms of processor time", "Isthmus", "other", "ratio"],
  [
    ["decode (@jsquash/avif)", "isthmusDecode", "avifDecode", "decode"],
    ["encode, effort 0 (@jsquash/webp, its defaults)", "isthmusEncode", "webpEncode", "webp"],
    ["encode, effort 0 (@jsquash/webp, method 6)", "isthmusEncode", "webpEncodeMethod6", "webpMethod6"],
    ["encode, effort 0 (sharp's AVIF, effort 4)", "isthmusEncode", "avifEncode", "encode"],
  ].map(([what, own, other, which]) => [
    what,
    medians[own].toFixed(1),
    medians[other].toFixed(1),
    `${ratios[which].toFixed(2)}x`,
  ]),
);

/** The median of some rounds of each work, one after another, in milliseconds of processor time. */
async function timeInTurn(works, rounds) {
  const taken = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      taken[name].push((user + system) / 1000);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
}
