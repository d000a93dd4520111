// What a higher effort gains. The curve of the embedded model, or of another one, at an effort beside the rivals' curves of bench/results/kodak.json (of the same photos):
//   npm run bench:efforts -- [--effort 6] [--model FILE] [--images FOLDER] [--limit N]
// writes bench/results/kodak-effort-N.json, or kodak-MODEL-effort-N.json, and prints the BD-rates. And every effort beside effort 0, on photos that the model was not trained on:
//   npm run bench:effort-levels -- --images FOLDER [--limit N] [--efforts 1,3,5] [--model FILE]
// prints BD-rates by whole files (mean over the photos, most and least gain) and seconds of processor time a megapixel. Processes share the photos out.
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { loadCodec } from "../dist/index.js";
import {
  bytesAt,
  fixed,
  giveUp,
  kodak,
  loadSource,
  mean,
  optionsOf,
  photosIn,
  place,
  printTable,
  readPhoto,
  readResults,
  runNode,
  samplesOf,
  writeResults,
} from "./frame/index.mjs";

const { axes, curveOf, differences, metrics, percentText, spread } = await loadSource();
const { levels, effort, efforts, images, limit, model, part } = optionsOf({
  ...{ levels: false, effort: 6, efforts: [1, 2, 3, 4, 5, 6, 7, 8, 9], images: kodak, limit: 0, model: undefined },
  part: -1,
});
const qualities = levels ? [10, 40, 70, 95] : [0, 25, 50, 75, 100];
const all = await photosIn(images);
// The same photos as `isthmus bench --limit`.
const photos = levels ? all.slice(0, limit || all.length) : spread(all, limit || all.length);
const codec = await loadCodec({ model: await bytesAt(model) });

if (part >= 0) console.log(JSON.stringify(await measurePart(availableParallelism())));
else if (levels) await tellLevels(await measureAll());
else await writeCurve(await measureAll());

/** The samples of each photo at each effort. */
async function measureAll() {
  const parts = Array.from({ length: availableParallelism() }, (_, i) =>
    runNode(place("bench/efforts.mjs"), "--part", `${i}`, ...process.argv.slice(2)),
  );
  return (await Promise.all(parts)).flatMap((text) => JSON.parse(text));
}

async function measurePart(parts) {
  const found = [];
  for (const [photo, path] of photos.entries()) {
    if (photo % parts !== part) continue;
    const image = await readPhoto(path);
    // The first calls run cold.
    if (found.length === 0) await codec.decode(await codec.encode(image, { effort: 1 }));
    for (const each of levels ? [0, ...efforts] : [effort]) {
      const samples = await samplesOf(codec, image, qualities, { effort: each });
      found.push({ photo, effort: each, pixels: image.width * image.height, samples });
    }
  }
  return found;
}

async function writeCurve(results) {
  const effortless = await readResults("kodak");
  const isItsModel = codec.model.id === effortless.model.id;
  if (!isItsModel && model === undefined)
    giveUp(
      `Expected kodak.json of model ${codec.model.id} but received that of ${effortless.model.id}: npm run bench:kodak`,
    );
  const { count } = effortless.images;
  if (count !== photos.length)
    giveUp(`Expected kodak.json of ${photos.length} photos but received one of ${count}: npm run bench:kodak`);
  const own = effortless.curves.find(({ id }) => id === "isthmus");
  const { points: _, ...facts } = { ...own, setting: `model ${codec.model.id}, effort ${effort}` };
  const curve = curveOf(
    facts,
    results.map(({ samples }) => samples),
  );
  const rivals = effortless.curves.filter(({ id, lossless }) => id !== "isthmus" && !lossless);
  const effortlessCurves = isItsModel ? [{ ...own, name: "Isthmus, effort 0" }] : [];
  const bdRates = differences(curve, [...rivals, ...effortlessCurves], undefined);
  const seconds = results.flatMap(({ samples }) => samples.map(({ seconds }) => seconds));
  await writeResults(
    ["kodak", ...(isItsModel ? [] : [basename(model, ".isthm")]), "effort", effort].join("-"),
    {
      ...{
        model: { id: codec.model.id, bytes: codec.model.bytes.length },
        versions: effortless.versions,
        effort,
        images: effortless.images,
        notes: [],
      },
      ...{ bdRates, curves: [curve], secondsPerPhoto: mean(seconds) },
    },
    { command: "npm run bench:efforts" },
  );
  printTable(
    bdRates,
    [`effort ${effort} against`, "name"],
    ...metrics.map((metric) => [
      `BD-rate (${axes[metric].name})`,
      (rate) => rate[metric].reason ?? percentText(rate[metric].percent),
    ]),
  );
}

function tellLevels(results) {
  const rows = [0, ...efforts].map((effort) => {
    const these = results.filter((result) => result.effort === effort);
    const curve = ({ samples }) => curveOf({ name: "Isthmus" }, [samples]);
    const without = ({ photo }) => curve(results.find((result) => result.photo === photo && result.effort === 0));
    const gains = these.map((result) => differences(curve(result), [without(result)], undefined)[0]);
    const by = (metric) => gains.map((gain) => gain[metric].percent).filter((percent) => percent !== null);
    const seconds = these.map(({ samples, pixels }) => (mean(samples.map(({ seconds }) => seconds)) * 1e6) / pixels);
    return { effort, score: by("ssimulacra2"), psnr: by("psnr"), seconds: mean(seconds) };
  });
  const columns = ([metric, head]) => [
    [head, ({ [metric]: gains }) => mean(gains), percentText],
    ["most", ({ [metric]: gains }) => Math.min(...gains), percentText],
    ["least", ({ [metric]: gains }) => Math.max(...gains), percentText],
  ];
  printTable(
    rows,
    ["effort", "effort"],
    ...[
      ["score", "BD-rate against effort 0 (SSIMULACRA 2)"],
      ["psnr", "(PSNR)"],
    ].flatMap(columns),
    ["s / megapixel", "seconds", fixed(2)],
  );
}
