// A batch of photos through pools of one worker thread and of more, in turns: how much sooner all are done.
//   npm run bench:batches -- [--images FOLDER] [--limit 24] [--rounds 5] [--threads 2]
// Writes bench/results/batches.json and prints its section.
import { loadavg } from "node:os";
import { Worker } from "node:worker_threads";
import { createPool } from "../dist/index.js";
import {
  inTurns,
  kodak,
  median,
  optionsOf,
  photosIn,
  place,
  ratioOf,
  readPhotos,
  report,
  wallTime,
} from "./frame/index.mjs";

const { images: folder, limit, rounds, threads } = optionsOf({ images: kodak, limit: 24, rounds: 5, threads: 2 });
const images = await readPhotos(await photosIn(folder, limit));
const pools = [1, threads].map((size) => createPool(() => new Worker(place("dist/worker-node.js")), { size }));
const [one, more] = await Promise.all(pools.map((pool) => pool.loadCodec()));
const streams = await Promise.all(images.map((image) => more.encode(image)));
const works = {
  encode: (codec) => Promise.all(images.map((image) => codec.encode(image))),
  decode: (codec) => Promise.all(streams.map((stream) => codec.decode(stream))),
};
const results = [];
for (const [name, work] of Object.entries(works)) {
  const turns = { one: () => work(one), more: () => work(more) };
  const times = await inTurns(turns, { rounds, warming: 1, clock: wallTime });
  const milliseconds = [median(times.one), median(times.more)];
  results.push({ name, milliseconds, ratio: ratioOf(times, "one", "more") });
}
for (const pool of pools) pool.terminate();
await report("batches", { images: images.length, rounds, threads, load: loadavg()[0], results });
