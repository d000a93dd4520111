// The curve of the embedded model at a higher effort beside the rivals' curves of bench/results/kodak.json (of the same photos):
//   npm run bench:efforts -- [--effort 6] [--images FOLDER] [--limit N]
// The photos are shared out among processes. Writes bench/results/kodak-effort-N.json and prints the BD-rates.
import { availableParallelism } from "node:os";
import { loadCodec } from "../dist/index.js";
import { loadSource } from "./frame/load-source.mjs";
import { optionsOf } from "./frame/options.mjs";
import { kodak, photosIn, readPhoto } from "./frame/photos.mjs";
import { place } from "./frame/places.mjs";
import { runNode } from "./frame/programs.mjs";
import { giveUp, printTable, readResults, writeResults } from "./frame/results.mjs";
import { mean } from "./frame/statistics.mjs";

const { axes, differences, metrics, percentText, score, spread } = await loadSource();
const { effort, images, limit, part } = optionsOf({ effort: 6, images: kodak, limit: 0, part: -1 });
const qualities = [0, 25, 50, 75, 100];
const all = await photosIn(images);
// The same photos as `isthmus bench --limit`.
const photos = spread(all, limit || all.length);

if (part >= 0) console.log(JSON.stringify(await measurePart()));
else await measureAll();

async function measureAll() {
  const given = ["--effort", `${effort}`, "--images", images, "--limit", `${limit}`];
  const parts = Array.from({ length: availableParallelism() }, (_, i) =>
    runNode(place("bench/efforts.mjs"), "--part", `${i}`, ...given),
  );
  const results = (await Promise.all(parts)).flatMap((text) => JSON.parse(text));
  const effortless = await readResults("kodak");
  const { model } = await loadCodec();
  if (model.id !== effortless.model.id)
    giveUp(`Expected kodak.json of model ${model.id} but received that of ${effortless.model.id}: npm run bench:kodak`);
  const { count } = effortless.images;
  if (count !== photos.length)
    giveUp(`Expected kodak.json of ${photos.length} photos but received one of ${count}: npm run bench:kodak`);
  const points = qualities.map((quality) => {
    const these = results.filter((result) => result.quality === quality);
    const figures = ["bytes", "bpp", "ssimulacra2", "psnr", "ssim", "msSsim"];
    return {
      quality,
      ...Object.fromEntries(figures.map((name) => [name, mean(these.map((result) => result[name]))])),
    };
  });
  const own = effortless.curves.find(({ id }) => id === "isthmus");
  const curve = { ...own, setting: `model ${model.id}, effort ${effort}`, points };
  const rivals = effortless.curves.filter(({ id, lossless }) => id !== "isthmus" && !lossless);
  const bdRates = differences(curve, [...rivals, { ...own, name: "Isthmus, effort 0" }], undefined);
  await writeResults(
    `kodak-effort-${effort}`,
    {
      ...{ model: effortless.model, versions: effortless.versions, effort, images: effortless.images, notes: [] },
      ...{ bdRates, curves: [curve], secondsPerPhoto: mean(results.map(({ seconds }) => seconds)) },
    },
    { command: "npm run bench:efforts" },
  );
  printTable(
    [`effort ${effort} against`, ...metrics.map((metric) => `BD-rate (${axes[metric].name})`)],
    bdRates.map((rate) => [
      rate.name,
      ...metrics.map((metric) => rate[metric].reason ?? percentText(rate[metric].percent)),
    ]),
  );
}

async function measurePart() {
  const codec = await loadCodec();
  const results = [];
  for (const path of photos.filter((_, i) => i % availableParallelism() === part)) {
    const image = await readPhoto(path);
    for (const quality of qualities) {
      const start = performance.now();
      const stream = await codec.encode(image, { quality, effort });
      const seconds = (performance.now() - start) / 1000;
      const bytes = stream.length;
      const bpp = (bytes * 8) / (image.width * image.height);
      results.push({ quality, bytes, bpp, seconds, ...(await score(image, await codec.decode(stream))) });
    }
  }
  return results;
}
