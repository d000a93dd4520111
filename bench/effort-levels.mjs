// What every effort gains over effort 0, and what it costs, on photos that the model was not trained on:
//   npm run bench:effort-levels -- --images FOLDER [--limit N] [--efforts 1,3,5] [--model FILE]
// Prints a table: BD-rates by whole files (mean over the photos, least and most), seconds of processor time a megapixel.
import { readFile } from "node:fs/promises";
import { bdRate, loadCodec, psnr, ssimulacra2 } from "../dist/index.js";
import { optionsOf } from "./frame/options.mjs";
import { photosIn, readPhotos } from "./frame/photos.mjs";
import { printTable } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";

const qualities = [10, 40, 70, 95];
const { efforts, ...options } = optionsOf({
  ...{ images: undefined, limit: Number.POSITIVE_INFINITY, model: undefined },
  efforts: [1, 2, 3, 4, 5, 6, 7, 8, 9],
});
const images = await readPhotos(await photosIn(options.images, options.limit));
const codec = await loadCodec(options.model ? { model: await readFile(options.model) } : {});
await curveOf(images[0], 1); // The first calls run cold.

const without = await Promise.all(images.map((image) => curveOf(image, 0)));
const rows = [rowOf(0, without)];
for (const effort of efforts) {
  const curves = [];
  for (const image of images) curves.push(await curveOf(image, effort));
  rows.push(rowOf(effort, curves));
}
const heads = ["BD-rate against effort 0 (SSIMULACRA 2)", "least", "most", "(PSNR)", "least", "most"];
printTable(["effort", ...heads, "s / megapixel"], rows);

async function curveOf(image, effort) {
  const points = [];
  const start = process.cpuUsage().user;
  for (const quality of qualities) points.push({ bytes: await codec.encode(image, { quality, effort }) });
  const seconds = (process.cpuUsage().user - start) / 1e6 / qualities.length;
  for (const point of points) {
    point.rate = point.bytes.length;
    const decoded = await codec.decode(point.bytes);
    point.psnr = psnr(image, decoded);
    point.score = await ssimulacra2(image, decoded);
  }
  return { points, secondsAMegapixel: (seconds * 1e6) / (image.width * image.height) };
}

function rowOf(effort, curves) {
  const percents = ["score", "psnr"].flatMap((metric) => {
    const along = ({ points }) => points.map((point) => ({ rate: point.rate, psnr: point[metric] }));
    const gains = curves.map((curve, i) => bdRate(along(without[i]), along(curve)));
    return [mean(gains), Math.max(...gains), Math.min(...gains)].map((gain) => `${gain.toFixed(1)} %`);
  });
  const seconds = mean(curves.map(({ secondsAMegapixel }) => secondsAMegapixel));
  return [String(effort), ...percents, seconds.toFixed(2)];
}
