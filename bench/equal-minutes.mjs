// Two builds of the package that train on the same folders for equal minutes, one after the other, and code images that neither has seen:
//   npm run bench:equal-minutes -- --before OLD/dist --set TRAIN:TEST [--set ..] [--minutes 20] [--threads N] [--limit 40] [--from none|default]
// Every set is a folder to train on and one to be judged by; TRAIN alone holds every tenth image back. For the build of an older revision: git worktree add
// OLD REVISION, then npm install in it. Wants a quiet machine. Writes bench/results/equal-minutes.json and prints its table.
import { readImages } from "../dist/node.js";
import {
  giveUp,
  loadBuild,
  loadSource,
  many,
  optionsOf,
  place,
  printTable,
  samplesOf,
  writeResults,
} from "./frame/index.mjs";

const options = optionsOf({
  ...{ before: undefined, after: place("dist"), set: many(), minutes: 20, threads: 0, limit: 40, from: "none" },
});
if (!options.before || options.set.length === 0) giveUp("Expected --before FOLDER/dist and --set TRAIN[:TEST]");
const qualities = [0, 25, 50, 75, 100];
const { before, after, minutes, threads, limit, from } = options;
const { curveOf, differences } = await loadSource();

const results = [];
for (const set of options.set) results.push(await measure(set));
await writeResults("equal-minutes", { minutes, from, results });
const rate = (key) => (row) => (row[key] === null ? "none" : `${row[key].toFixed(1)} %`);
printTable(
  results,
  ["images", "name"],
  ["steps before", "before.steps"],
  ["steps after", "after.steps"],
  ["bytes by SSIMULACRA 2", rate("byScore")],
  ["bytes by PSNR", rate("byPsnr")],
);

async function measure(set) {
  const [train, test] = set.split(":");
  const all = await readImages(train);
  const isKept = (_, i) => i % 10 === 9;
  const images = test ? all : all.filter((image, i) => !isKept(image, i));
  const judges = (test ? await readImages(test) : all.filter(isKept)).slice(0, limit);
  const name = train.split("/").slice(-2).join("/");
  const found = {
    before: await trainAndJudge(before, images, judges),
    after: await trainAndJudge(after, images, judges),
  };
  const [{ ssimulacra2, psnr }] = differences(found.after, [found.before], undefined);
  return {
    ...{ name, images: images.length, judges: judges.length, ...found },
    ...{ byScore: ssimulacra2.percent, byPsnr: psnr.percent },
  };
}

/** A model by one build, and what it makes of the images that judge: means of real bytes and likeness. */
async function trainAndJudge(dist, images, judges) {
  const [{ loadCodec, defaultModel }, { train }] = [await loadBuild(dist), await loadBuild(dist, "node.js")];
  const start = from === "none" ? null : await defaultModel();
  const model = await train(images, { minutes, from: start, ...(threads && { threads }) });
  const codec = await loadCodec({ model });
  const samples = [];
  for (const image of judges) samples.push(await samplesOf(codec, image, qualities));
  const { steps, seconds, loss } = model.training;
  return { steps, seconds, loss, ...curveOf({ name: "Isthmus" }, samples) };
}
