// A model for each kind of image: trains on a folder, then measures whole files of another folder beside JPEG, WebP, AVIF and JPEG XL.
//   npm run bench:domains -- [--minutes 15] [--data FOLDER] [--models FOLDER] [--only NAME,NAME] [--limit N]
// FOLDER of --data holds a folder for each kind, with `train` and `test` in it. A model that is in the folder of --models already, as NAME.isthm,
// is not trained again. Writes bench/results/domains.json and prints its table.
import { execFile } from "node:child_process";
import { access, mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import sharp from "sharp";
import { createCodec, inspect } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { geometricMean } from "./statistics.mjs";

const domains = ["clothing128", "xray256", "emoji-noto128", "sprites-dcss32", "omniglot105"];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    minutes: { ...text, default: "15" },
    data: { ...text, default: here("../../shared/data") },
    models: { ...text, default: here("../.scratch/domains") },
    only: text,
    limit: text,
  },
});
const models = resolve(options.models);
await mkdir(models, { recursive: true });

const results = [];
for (const name of options.only?.split(",") ?? domains) results.push(await measure(name));
// Where our streams are lossless there is no curve: the rivals' lossless files take the place of equal PSNR.
const meanOf = (rates, rival, lossless) => {
  const ratios = results.map((result) =>
    result.lossless ? result.lossless.isthmus / result.lossless[lossless] : 1 + result[rates][rival] / 100,
  );
  return { percent: 100 * (geometricMean(ratios) - 1), domains: ratios.length };
};
const meansBy = (rates) => ({ webp: meanOf(rates, "WebP", "webp"), avif: meanOf(rates, "AVIF 4:4:4", "avif") });
const [scoreMeans, means] = [meansBy("scoreBdRates"), meansBy("bdRates")];
await writeResults("domains", { minutes: Number(options.minutes), results, scoreMeans, means });
printTable(
  [
    ...["images", "model bytes", "WebP, SSIMULACRA 2", "AVIF, SSIMULACRA 2"],
    ...["WebP, PSNR", "AVIF, PSNR", "bytes at quality 50"],
  ],
  results.map(({ name, model, scoreBdRates, bdRates, curve }) => [
    name,
    String(model.bytes),
    ...[scoreBdRates, bdRates].flatMap((rates) =>
      ["WebP", "AVIF 4:4:4"].map((rival) => (rates[rival] === null ? "none" : `${rates[rival].toFixed(1)} %`)),
    ),
    curve.find(({ quality }) => quality === 50)?.bytes.toFixed(0) ?? "",
  ]),
);
console.log(JSON.stringify({ scoreMeans, means }));

async function measure(name) {
  const file = join(models, `${name}.isthm`);
  const folder = (part) => join(options.data, name, part);
  await access(folder("test")).catch(() =>
    giveUp(`Expected images in ${folder("test")}: name another folder by --data`),
  );
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await run("train", folder("train"), "--minutes", options.minutes, "-o", file, "--no-report", "--name", name);
  const limit = options.limit ? ["--limit", options.limit] : [];
  const report = JSON.parse(await run("bench", folder("test"), "-m", file, "--json", ...limit));
  const { training, ...model } = inspect(new Uint8Array(await readFile(file)));
  const { points } = report.curves.find(({ id }) => id === "isthmus");
  return {
    name,
    images: report.images,
    model: { id: model.id, preset: model.preset, channels: model.channels, ...report.model },
    training,
    scoreBdRates: Object.fromEntries(report.bdRates.map(({ name, ssimulacra2 }) => [name, ssimulacra2.percent])),
    scoreReasons: Object.fromEntries(report.bdRates.map(({ name, ssimulacra2 }) => [name, ssimulacra2.reason])),
    bdRates: Object.fromEntries(report.bdRates.map(({ name, psnr }) => [name, psnr.percent])),
    reasons: Object.fromEntries(report.bdRates.map(({ name, psnr }) => [name, psnr.reason])),
    msSsimBdRates: Object.fromEntries(report.bdRates.map(({ name, msSsim }) => [name, msSsim.percent])),
    lossless: report.bdRates.every(({ psnr }) => psnr.percent === null)
      ? await losslessBytes(folder("test"), file)
      : null,
    curve: points,
    curves: report.curves,
    notes: report.notes,
    times: report.times,
  };
}

/** Mean bytes of a file at quality 50, where our streams are lossless, beside the smallest lossless files of others. */
async function losslessBytes(folder, model) {
  const codec = await createCodec(new Uint8Array(await readFile(model)));
  const files = (await readdir(folder)).sort().slice(0, Number(options.limit ?? Number.POSITIVE_INFINITY));
  const sums = { isthmus: 0, webp: 0, avif: 0, png: 0 };
  for (const file of files) {
    const image = await readImage(join(folder, file));
    const bytes = await codec.encode(image);
    const { data, width, height, channels } = image;
    const pixels = sharp(data, { raw: { width, height, channels } });
    sums.isthmus += bytes.length;
    sums.webp += (await pixels.clone().webp({ lossless: true, effort: 6 }).toBuffer()).length;
    sums.avif += (await pixels.clone().avif({ lossless: true, effort: 9 }).toBuffer()).length;
    const [palette, plain] = [true, false].map((palette) =>
      pixels.clone().png({ palette, effort: 10, compressionLevel: 9 }).toBuffer(),
    );
    sums.png += Math.min((await palette).length, (await plain).length);
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / files.length]));
}

async function run(command, ...words) {
  const cli = here("../dist/cli.js");
  const child = promisify(execFile)(process.execPath, [cli, command, ...words], { maxBuffer: 1 << 28 });
  child.child.stderr.pipe(process.stderr);
  return (await child).stdout;
}
