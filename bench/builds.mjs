// Two builds of the package in one process, in turns: processor time of decoding and encoding photos, the second build's as a share of the first's.
//   npm run bench:builds -- --before FOLDER/dist [--after dist] [--images FOLDER] [--image NAME ...] [--rounds 30]
// For the build of an older revision: git worktree add OLD REVISION, then npm install in it. Prints a table; decisions quote it.
import { join } from "node:path";
import { readImage } from "../dist/node.js";
import {
  fixed,
  giveUp,
  inTurns,
  kodak,
  loadBuild,
  many,
  optionsOf,
  place,
  printTable,
  ratioOf,
} from "./frame/index.mjs";

const options = optionsOf({
  ...{ before: undefined, after: place("dist"), images: kodak, rounds: 30 },
  image: many("kodim05.webp", "kodim20.webp"),
});
if (!options.before) giveUp("Expected --before FOLDER, the dist folder of an older build");
const quality = 50;

const codecOf = async (dist) => (await loadBuild(dist)).loadCodec();
const codecs = { before: await codecOf(options.before), after: await codecOf(options.after) };
const rows = [];
for (const name of options.image) {
  const image = await readImage(join(options.images, name));
  const streams = new Map();
  for (const codec of Object.values(codecs)) streams.set(codec, await codec.encode(image, { quality }));
  const works = {
    decode: (codec) => codec.decode(streams.get(codec)),
    encode: (codec) => codec.encode(image, { quality }),
  };
  for (const [what, work] of Object.entries(works)) {
    const both = { before: () => work(codecs.before), after: () => work(codecs.after) };
    const times = await inTurns(both, { rounds: options.rounds, warming: 2 });
    const [before, after] = [times.before, times.after].map((values) => Math.min(...values));
    rows.push({
      name: `${what} ${name}`,
      before,
      after,
      least: after / before,
      median: ratioOf(times, "after", "before"),
    });
  }
}
printTable(
  rows,
  ["milliseconds of processor time, least", "name"],
  ["before", "before", fixed(1)],
  ["after", "after", fixed(1)],
  ["after / before", "least", fixed(3)],
  ["median of ratios", "median", fixed(3)],
);
