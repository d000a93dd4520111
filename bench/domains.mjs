// A model for each kind of image: trains on a folder, then measures whole files of another folder beside JPEG, WebP, AVIF and JPEG XL.
//   npm run bench:domains -- [--minutes 15] [--data FOLDER] [--models FOLDER] [--only NAME,NAME] [--limit N] [--effort 6]
// FOLDER of --data holds a folder for each kind, with `train` and `test` in it. A model that is in the folder of --models already, as NAME.isthm,
// is not trained again. Measured at effort 0 and at the effort asked for. Writes bench/results/domains.json and prints its table.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { createCodec, inspect } from "../dist/index.js";
import { readImage, readImages } from "../dist/node.js";
import {
  bytesAt,
  geometricMean,
  isthmus,
  loadSource,
  mapValues,
  mean,
  optionsOf,
  photosIn,
  place,
  report,
} from "./frame/index.mjs";

const { minutes, data, only, limit, effort, ...options } = optionsOf({
  ...{
    minutes: 15,
    limit: Number.POSITIVE_INFINITY,
    effort: 6,
    data: place("../shared/data"),
    models: place(".scratch/domains"),
  },
  only: ["clothing128", "xray256", "emoji-noto128", "sprites-dcss32", "omniglot105"],
});
const models = resolve(options.models);
await mkdir(models, { recursive: true });

const results = [];
for (const name of only) results.push(await measure(name));
// Where our streams are lossless there is no curve: the rivals' lossless files take the place of equal PSNR.
const meanOf = (ratesOf, rival, lossless) => {
  const ratios = results.map((result) =>
    result.lossless ? result.lossless.isthmus / result.lossless[lossless] : 1 + ratesOf(result)[rival] / 100,
  );
  return { percent: 100 * (geometricMean(ratios) - 1), domains: ratios.length };
};
const meansBy = (ratesOf) => ({ webp: meanOf(ratesOf, "WebP", "webp"), avif: meanOf(ratesOf, "AVIF 4:4:4", "avif") });
await report("domains", {
  ...{ minutes, effort, threads: availableParallelism(), results },
  scoreMeans: meansBy(({ scoreBdRates }) => scoreBdRates),
  effortMeans: meansBy(({ atEffort }) => atEffort.scoreBdRates),
  means: meansBy(({ bdRates }) => bdRates),
});

async function measure(name) {
  const file = join(models, `${name}.isthm`);
  const folder = (part) => join(data, name, part);
  if (!existsSync(file)) {
    // Where nothing but what the coder of few colours starts from is worth learning, minutes would train a network besides.
    const time = (await isWorthMinutes(folder("train"))) ? ["--minutes", `${minutes}`] : [];
    await isthmus("train", folder("train"), ...time, "-o", file, "--no-report", "--name", name);
  }
  const few = Number.isFinite(limit) ? ["--limit", `${limit}`] : [];
  const compare = async (...words) =>
    JSON.parse(await isthmus("bench", folder("test"), "-m", file, "--json", ...few, ...words));
  const measured = await compare();
  const { training, id, preset, channels } = inspect(await bytesAt(file));
  const { images, bdRates, curves, notes, times } = measured;
  const ratesBy = (bdRates, value) => Object.fromEntries(bdRates.map((rate) => [rate.name, value(rate)]));
  const by = (value) => ratesBy(bdRates, value);
  const scoreRate = ({ ssimulacra2 }) => ssimulacra2.percent;
  const isLossless = bdRates.every(({ psnr }) => psnr.percent === null);
  // Lossless streams are the same at every effort.
  const searched = isLossless ? measured : await compare("--effort", `${effort}`);
  return {
    ...{ name, images, model: { id, preset, channels, ...measured.model }, training },
    scoreBdRates: by(scoreRate),
    scoreReasons: by(({ ssimulacra2 }) => ssimulacra2.reason),
    bdRates: by(({ psnr }) => psnr.percent),
    reasons: by(({ psnr }) => psnr.reason),
    msSsimBdRates: by(({ msSsim }) => msSsim.percent),
    atEffort: { scoreBdRates: ratesBy(searched.bdRates, scoreRate), times: searched.times },
    lossless: isLossless ? await losslessBytes(await photosIn(folder("test"), limit), file) : null,
    curve: curves.find(({ id }) => id === "isthmus").points,
    ...{ curves, notes, times },
  };
}

/** False where `isthmus train` without minutes leaves the network as it is. */
async function isWorthMinutes(folder) {
  const { Breath, factsOf, mayRest, withLosslessShare } = await loadSource();
  const images = await readImages(folder);
  const breath = new Breath();
  return !mayRest(await withLosslessShare(await factsOf(images, breath), images, {}, breath), {});
}

/** Mean bytes of a file, where our streams are lossless, beside the smallest lossless files of others. */
async function losslessBytes(paths, model) {
  const codec = await createCodec(await bytesAt(model));
  const bytes = { isthmus: [], webp: [], avif: [], png: [] };
  for (const path of paths) {
    const image = await readImage(path);
    const { data, width, height, channels } = image;
    const pixels = sharp(data, { raw: { width, height, channels } });
    const lengthOf = async (format, options) => (await pixels.clone()[format](options).toBuffer()).length;
    const png = (palette) => lengthOf("png", { palette, effort: 10, compressionLevel: 9 });
    bytes.isthmus.push((await codec.encode(image)).length);
    bytes.webp.push(await lengthOf("webp", { lossless: true, effort: 6 }));
    bytes.avif.push(await lengthOf("avif", { lossless: true, effort: 9 }));
    bytes.png.push(Math.min(await png(true), await png(false)));
  }
  return mapValues(bytes, mean);
}
