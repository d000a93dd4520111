// A model for each kind of image: trains on a folder, then measures whole files of another folder beside JPEG, WebP, AVIF and JPEG XL.
//   npm run bench:domains -- [--minutes 15] [--data FOLDER] [--models FOLDER] [--only NAME,NAME] [--limit N]
// FOLDER of --data holds a folder for each kind, with `train` and `test` in it. A model that is in the folder of --models already, as NAME.isthm,
// is not trained again. Writes bench/results/domains.json and prints its table.
import { access, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { createCodec, inspect } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { optionsOf } from "./frame/options.mjs";
import { photosIn } from "./frame/photos.mjs";
import { place } from "./frame/places.mjs";
import { isthmus } from "./frame/programs.mjs";
import { report } from "./frame/results.mjs";
import { geometricMean, mean } from "./frame/statistics.mjs";
import { mapValues } from "./frame/turns.mjs";

const domains = ["clothing128", "xray256", "emoji-noto128", "sprites-dcss32", "omniglot105"];

const { minutes, data, only, limit, ...options } = optionsOf({
  ...{ minutes: 15, only: domains, limit: Number.POSITIVE_INFINITY },
  ...{ data: place("../shared/data"), models: place(".scratch/domains") },
});
const models = resolve(options.models);
await mkdir(models, { recursive: true });

const results = [];
for (const name of only) results.push(await measure(name));
// Where our streams are lossless there is no curve: the rivals' lossless files take the place of equal PSNR.
const meanOf = (rates, rival, lossless) => {
  const ratios = results.map((result) =>
    result.lossless ? result.lossless.isthmus / result.lossless[lossless] : 1 + result[rates][rival] / 100,
  );
  return { percent: 100 * (geometricMean(ratios) - 1), domains: ratios.length };
};
const meansBy = (rates) => ({ webp: meanOf(rates, "WebP", "webp"), avif: meanOf(rates, "AVIF 4:4:4", "avif") });
await report("domains", { minutes, results, scoreMeans: meansBy("scoreBdRates"), means: meansBy("bdRates") });

async function measure(name) {
  const file = join(models, `${name}.isthm`);
  const folder = (part) => join(data, name, part);
  const tested = await photosIn(folder("test"), limit);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await isthmus("train", folder("train"), "--minutes", `${minutes}`, "-o", file, "--no-report", "--name", name);
  const few = Number.isFinite(limit) ? ["--limit", `${limit}`] : [];
  const measured = JSON.parse(await isthmus("bench", folder("test"), "-m", file, "--json", ...few));
  const { training, ...model } = inspect(new Uint8Array(await readFile(file)));
  const { bdRates, curves } = measured;
  const by = (value) => Object.fromEntries(bdRates.map((rate) => [rate.name, value(rate)]));
  return {
    name,
    images: measured.images,
    model: { id: model.id, preset: model.preset, channels: model.channels, ...measured.model },
    training,
    scoreBdRates: by(({ ssimulacra2 }) => ssimulacra2.percent),
    scoreReasons: by(({ ssimulacra2 }) => ssimulacra2.reason),
    bdRates: by(({ psnr }) => psnr.percent),
    reasons: by(({ psnr }) => psnr.reason),
    msSsimBdRates: by(({ msSsim }) => msSsim.percent),
    lossless: bdRates.every(({ psnr }) => psnr.percent === null) ? await losslessBytes(tested, file) : null,
    curve: curves.find(({ id }) => id === "isthmus").points,
    curves,
    notes: measured.notes,
    times: measured.times,
  };
}

/** Mean bytes of a file at quality 50, where our streams are lossless, beside the smallest lossless files of others. */
async function losslessBytes(paths, model) {
  const codec = await createCodec(new Uint8Array(await readFile(model)));
  const bytes = { isthmus: [], webp: [], avif: [], png: [] };
  for (const path of paths) {
    const image = await readImage(path);
    const { data, width, height, channels } = image;
    const pixels = sharp(data, { raw: { width, height, channels } });
    const lengthOf = async (change) => (await change(pixels.clone()).toBuffer()).length;
    const png = (palette) => lengthOf((picture) => picture.png({ palette, effort: 10, compressionLevel: 9 }));
    bytes.isthmus.push((await codec.encode(image)).length);
    bytes.webp.push(await lengthOf((picture) => picture.webp({ lossless: true, effort: 6 })));
    bytes.avif.push(await lengthOf((picture) => picture.avif({ lossless: true, effort: 9 })));
    bytes.png.push(Math.min(await png(true), await png(false)));
  }
  return mapValues(bytes, mean);
}
