// Two builds of the package that train on the same folders for equal minutes, one after the other, and code images that neither has seen:
//   npm run bench:equal-minutes -- --before OLD/dist --set TRAIN:TEST [--set ..] [--minutes 20] [--threads N] [--limit 40] [--from none|default]
// Every set is a folder to train on and one to be judged by; TRAIN alone holds every tenth image back. For the build of an older revision: git worktree add
// OLD REVISION, then npm install in it. Wants a quiet machine. Writes bench/results/equal-minutes.json and prints its table.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bdRate, psnr, ssimulacra2 } from "../dist/index.js";
import { readImages } from "../dist/node.js";
import { many, optionsOf } from "./frame/options.mjs";
import { place } from "./frame/places.mjs";
import { giveUp, printTable, writeResults } from "./frame/results.mjs";

const options = optionsOf({
  ...{ before: undefined, after: place("dist"), set: many(), minutes: 20, threads: 0, limit: 40, from: "none" },
});
if (!options.before || options.set.length === 0) giveUp("Expected --before FOLDER/dist and --set TRAIN[:TEST]");
const qualities = [0, 25, 50, 75, 100];
const { before, after, minutes, threads, limit, from } = options;
const builds = { before, after };

const results = [];
for (const set of options.set) results.push(await measure(set));
await writeResults("equal-minutes", { minutes, from, results });
printTable(
  ["images", "steps before", "steps after", "bytes by SSIMULACRA 2", "bytes by PSNR"],
  results.map(({ name, before, after, byScore, byPsnr }) => [
    name,
    ...[String(before.steps), String(after.steps)],
    ...[byScore, byPsnr].map((percent) => (percent === null ? "none" : `${percent.toFixed(1)} %`)),
  ]),
);

async function measure(set) {
  const [train, test] = set.split(":");
  const all = await readImages(train);
  const isKept = (_, i) => i % 10 === 9;
  const images = test ? all : all.filter((image, i) => !isKept(image, i));
  const judges = (test ? await readImages(test) : all.filter(isKept)).slice(0, limit);
  const found = {};
  for (const [name, dist] of Object.entries(builds)) found[name] = await trainAndJudge(dist, images, judges);
  const rateBy = (metric) => {
    const curve = ({ points }) => points.map((point) => ({ rate: point.bitsPerPixel, psnr: point[metric] }));
    try {
      return bdRate(curve(found.before), curve(found.after));
    } catch {
      return null;
    }
  };
  return {
    name: train.split("/").slice(-2).join("/"),
    images: images.length,
    judges: judges.length,
    ...found,
    byScore: rateBy("ssimulacra2"),
    byPsnr: rateBy("psnr"),
  };
}

/** A model by one build, and what it makes of the images that judge: means of real bytes and likeness. */
async function trainAndJudge(dist, images, judges) {
  const load = (name) => import(pathToFileURL(join(resolve(dist), name)).href);
  const [{ loadCodec, defaultModel }, { train }] = [await load("index.js"), await load("node.js")];
  const model = await train(images, {
    minutes,
    from: from === "none" ? null : await defaultModel(),
    ...(threads && { threads }),
  });
  const codec = await loadCodec({ model });
  const points = [];
  for (const quality of qualities) {
    const sums = { bitsPerPixel: 0, psnr: 0, ssimulacra2: 0 };
    for (const image of judges) {
      const bytes = await codec.encode(image, { quality });
      const decoded = await codec.decode(bytes);
      sums.bitsPerPixel += (8 * bytes.length) / (image.width * image.height) / judges.length;
      sums.psnr += psnr(image, decoded) / judges.length;
      sums.ssimulacra2 += (await ssimulacra2(image, decoded)) / judges.length;
    }
    points.push({ quality, ...sums });
  }
  const { steps, seconds, loss } = model.training;
  return { steps, seconds, loss, points };
}
