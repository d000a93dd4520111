// Two builds of the package in one process, in turns: processor time of decoding and encoding photos, the second build's as a share of the first's.
//   npm run bench:builds -- --before FOLDER/dist [--after dist] [--images FOLDER] [--image NAME ...] [--rounds 30]
// For the build of an older revision: git worktree add OLD REVISION, then npm install in it. Prints a table; decisions quote it.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readImage } from "../dist/node.js";
import { many, optionsOf } from "./frame/options.mjs";
import { kodak } from "./frame/photos.mjs";
import { place } from "./frame/places.mjs";
import { giveUp, printTable } from "./frame/results.mjs";
import { inTurns, ratioOf } from "./frame/turns.mjs";

const options = optionsOf({
  ...{ before: undefined, after: place("dist"), images: kodak, rounds: 30 },
  image: many("kodim05.webp", "kodim20.webp"),
});
if (!options.before) giveUp("Expected --before FOLDER, the dist folder of an older build");
const quality = 50;

const loadBuild = async (path) => (await import(pathToFileURL(join(resolve(path), "index.js")).href)).loadCodec();
const codecs = { before: await loadBuild(options.before), after: await loadBuild(options.after) };
const rows = [];
for (const name of options.image) {
  const image = await readImage(join(options.images, name));
  const streams = new Map();
  for (const codec of Object.values(codecs)) streams.set(codec, await codec.encode(image, { quality }));
  const works = {
    decode: (codec) => codec.decode(streams.get(codec)),
    encode: (codec) => codec.encode(image, { quality }),
  };
  for (const [what, work] of Object.entries(works)) rows.push([`${what} ${name}`, ...(await compare(work))]);
}
printTable(["milliseconds of processor time, least", "before", "after", "after / before", "median of ratios"], rows);

async function compare(work) {
  const both = { before: () => work(codecs.before), after: () => work(codecs.after) };
  const times = await inTurns(both, { rounds: options.rounds, warming: 2 });
  const [before, after] = [times.before, times.after].map((values) => Math.min(...values));
  return [
    ...[before, after].map((time) => time.toFixed(1)),
    ...[after / before, ratioOf(times, "after", "before")].map((ratio) => ratio.toFixed(3)),
  ];
}
