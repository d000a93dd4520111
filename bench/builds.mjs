// Two builds of the package in one process, in turns: processor time of decoding and encoding photos, the second build's as a share of the first's.
//   npm run bench:builds -- --before FOLDER/dist [--after dist] [--images FOLDER] [--image NAME ...] [--rounds 30]
// For the build of an older revision: git worktree add OLD REVISION, then npm install in it. Prints a table; decisions quote it.
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readImage } from "../dist/node.js";
import { giveUp, printTable } from "./results.mjs";
import { median } from "./statistics.mjs";

const text = { type: "string" };
const names = { ...text, multiple: true, default: ["kodim05.webp", "kodim20.webp"] };
const { values: options } = parseArgs({
  options: { before: text, after: text, images: text, image: names, rounds: text },
});
if (!options.before) giveUp("Expected --before FOLDER, the dist folder of an older build");
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const rounds = Number(options.rounds ?? 30);
const quality = 50;

const paths = [options.before, options.after ?? fileURLToPath(new URL("../dist", import.meta.url))];
const builds = await Promise.all(paths.map((path) => import(pathToFileURL(join(resolve(path), "index.js")).href)));
const codecs = await Promise.all(builds.map(({ loadCodec }) => loadCodec()));
const rows = [];
for (const name of options.image) {
  const image = await readImage(join(folder, name));
  const streams = await Promise.all(codecs.map((codec) => codec.encode(image, { quality })));
  const works = {
    decode: (codec, i) => codec.decode(streams[i]),
    encode: (codec) => codec.encode(image, { quality }),
  };
  for (const [what, work] of Object.entries(works)) rows.push([`${what} ${name}`, ...(await compare(work))]);
}
printTable(["milliseconds of processor time, least", "before", "after", "after / before", "median of ratios"], rows);

async function compare(work) {
  const times = codecs.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, codec] of codecs.entries()) {
      const start = process.cpuUsage();
      await work(codec, i);
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times[i].push((user + system) / 1000);
    }
  }
  const least = times.map((values) => Math.min(...values));
  const ratios = times[1].map((time, round) => time / times[0][round]);
  return [...least.map((time) => time.toFixed(1)), (least[1] / least[0]).toFixed(3), median(ratios).toFixed(3)];
}
