// A batch of photos through pools of one worker thread and of more, in turns: how much sooner all are done.
//   npm run bench:batches -- [--images FOLDER] [--limit 24] [--rounds 5] [--threads 2]
// Writes bench/results/batches.json and prints its table.
import { readdir } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { createPool } from "../dist/index.js";
import { readImage } from "../dist/node.js";
import { giveUp, printTable, writeResults } from "./results.mjs";
import { median } from "./statistics.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({ options: { images: text, limit: text, rounds: text, threads: text } });
const folder = options.images ?? fileURLToPath(new URL("../../shared/data/kodak", import.meta.url));
const rounds = Number(options.rounds ?? 5);
const sizes = [1, Number(options.threads ?? 2)];
const worker = new URL("../dist/worker-node.js", import.meta.url);

const names = await readdir(folder).catch(() =>
  giveUp(`Expected photos in ${folder}: name another folder by --images`),
);
const images = await Promise.all(
  names
    .sort()
    .slice(0, Number(options.limit ?? 24))
    .map((name) => readImage(join(folder, name))),
);
const pools = sizes.map((size) => createPool(() => new Worker(worker), { size }));
const codecs = await Promise.all(pools.map((pool) => pool.loadCodec()));
const streams = await Promise.all(images.map((image) => codecs[1].encode(image)));
const works = {
  encode: (codec) => Promise.all(images.map((image) => codec.encode(image))),
  decode: (codec) => Promise.all(streams.map((stream) => codec.decode(stream))),
};
const results = [];
for (const [name, work] of Object.entries(works)) {
  for (const codec of codecs) await work(codec);
  const times = codecs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, codec] of codecs.entries()) {
      const started = performance.now();
      await work(codec);
      times[i].push(performance.now() - started);
    }
  }
  const ratio = median(times[0].map((alone, round) => alone / times[1][round]));
  results.push({ name, milliseconds: times.map(median), ratio });
}
for (const pool of pools) pool.terminate();
await writeResults("batches", { images: images.length, rounds, threads: sizes[1], load: loadavg()[0], results });
printTable(
  ["", "one thread, ms", `${sizes[1]} threads, ms`, "times as fast"],
  results.map(({ name, milliseconds, ratio }) => [
    name,
    ...milliseconds.map((time) => time.toFixed(0)),
    ratio.toFixed(2),
  ]),
);
