// Real bytes of whole files beside mozjpeg, WebP and AVIF over the 24 Kodak photos, or over any folder of photos:
//   npm run bench:kodak -- [--model FILE.isthm] [--images FOLDER] [--limit N]
// Writes bench/results/kodak.json and prints its tables.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { bdRate, loadCodec } from "../dist/index.js";
import { loadSource } from "./load-source.mjs";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { mean, median } from "./statistics.mjs";

const { measure, readOpaque, rivals, sharpContender } = await loadSource();

const ownQualities = [0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5, 100];
const rivalQualities = [5, 12, 20, 30, 40, 50, 60, 70, 80, 88, 94, 98];
const pictureName = /\.(png|webp|jpe?g|tiff?|avif)$/i;

const { values: options } = parseArgs({
  options: { model: { type: "string" }, images: { type: "string" }, limit: { type: "string" } },
});
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const images = await readPhotos(folder);
const model = options.model && new Uint8Array(await readFile(options.model));
const openCodec = () => loadCodec({ model });
const codec = await openCodec();

const own = await measureCurve({ name: "Isthmus", setting: codec.model.id }, ownQualities, ownContender(codec));
const best = Math.max(...own.points.map(({ psnr }) => psnr));
const repeatable = await checkRepeatable();
const others = [];
for (const { name, settings } of rivals) {
  for (const setting of settings) {
    const contender = (image) => sharpContender(name, setting, image);
    others.push(await measureCurve({ name, setting: setting.name }, rivalQualities, contender, best));
  }
}
const curves = [own, ...others];
const bdRates = bestSettings(others);
const { heif, mozjpeg, webp, aom } = sharp.versions;
await writeResults("kodak", {
  images: images.length,
  model: { id: codec.model.id, bytes: codec.model.bytes.length, training: codec.model.training },
  versions: { sharp: sharp.versions.sharp, mozjpeg, webp, heif, aom },
  threads: { isthmus: 1, others: sharp.concurrency() },
  bdRates,
  repeatable,
  curves,
});
print();
if (!repeatable) giveUp("Expected the same streams and pixels from every run");

async function readPhotos(folder) {
  const names = await readdir(folder).catch(() =>
    giveUp(`Expected photos in ${folder}: name another folder by --images`),
  );
  const chosen = names.filter((name) => pictureName.test(name)).sort();
  if (chosen.length === 0) giveUp(`Expected photos in ${folder} but found none`);
  const { signal } = new AbortController();
  const paths = chosen.slice(0, Number(options.limit ?? chosen.length));
  return Promise.all(paths.map((name) => readOpaque(join(folder, name), signal)));
}

function ownContender(codec) {
  return (image) => (quality) => ({
    encode: () => codec.encode(image, { quality }),
    decode: (bytes) => codec.decode(bytes),
  });
}

/** Means over the images at each quality, up to the first whose PSNR reaches `enough`; times are medians, in milliseconds. */
async function measureCurve(codec, qualities, contenderOf, enough = Number.POSITIVE_INFINITY) {
  console.error(`${codec.name} (${codec.setting})`);
  const contenders = await Promise.all(images.map(contenderOf));
  await runOnce(images[0], contenders[0](qualities.at(-1)));
  const points = [];
  for (const quality of qualities) {
    if (points.at(-1)?.psnr >= enough) break;
    const results = [];
    for (const [i, image] of images.entries()) results.push(await runOnce(image, contenders[i](quality)));
    const column = (key) => results.map((result) => result[key]);
    const [bpp, psnr, ssim] = ["bpp", "psnr", "ssim"].map((key) => mean(column(key)));
    points.push({
      quality,
      bpp,
      psnr,
      ssim,
      encodeMs: median(column("encodeMs")),
      decodeMs: median(column("decodeMs")),
    });
  }
  return { ...codec, points };
}

async function runOnce(image, contender) {
  const start = performance.now();
  const bytes = await contender.encode();
  const middle = performance.now();
  const decoded = await contender.decode(bytes);
  const end = performance.now();
  const bpp = (bytes.length * 8) / (image.width * image.height);
  return { bpp, encodeMs: middle - start, decodeMs: end - middle, ...measure(image, decoded) };
}

/** A second codec with kernels of its own, working in the other order, must give the same bytes and the same pixels. */
async function checkRepeatable() {
  const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
  const run = async (codec, image, quality) => {
    const stream = await codec.encode(image, { quality });
    const { data } = await codec.decode(stream);
    return digest(stream) + digest(data);
  };
  const tasks = images.flatMap((image) => [0, 50, 100].map((quality) => [image, quality]));
  const first = [];
  for (const task of tasks) first.push(await run(codec, ...task));
  const again = await openCodec();
  for (const [i, task] of [...tasks.entries()].reverse()) if ((await run(again, ...task)) !== first[i]) return false;
  return true;
}

/** The BD-rate against each rival at the setting that serves the rival best, in percent: below zero, Isthmus is smaller. */
function bestSettings(curves) {
  const rates = curves.map(({ name, setting, points }) => ({
    name,
    setting,
    percent: bdRate(curveOf(points), curveOf(own.points)),
  }));
  return rivals.map(({ name }) =>
    rates.filter((rate) => rate.name === name).reduce((a, b) => (b.percent > a.percent ? b : a)),
  );
}

function curveOf(points) {
  return points.map(({ bpp, psnr }) => ({ rate: bpp, psnr }));
}

function print() {
  const rows = curves.flatMap(({ name, setting, points }) =>
    points.map(({ quality, bpp, psnr, ssim, encodeMs, decodeMs }) => [
      name === "Isthmus" ? name : `${name}, ${setting}`,
      ...[String(quality), bpp.toFixed(3), psnr.toFixed(2), ssim.toFixed(4), encodeMs.toFixed(0), decodeMs.toFixed(0)],
    ]),
  );
  printTable(["codec", "quality", "bpp", "PSNR dB", "SSIM", "encode ms", "decode ms"], rows);
  printTable(
    ["Isthmus against", "better setting", "BD-rate"],
    bdRates.map(({ name, setting, percent }) => [name, setting, `${percent.toFixed(1)} %`]),
  );
}
