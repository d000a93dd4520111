// Measures every contender in one process on one thread and writes the figures as JSON to standard output:
//   node bench/kernels/measure.mjs strict|relaxed ROWS,ROWS,...
import { median } from "../frame/statistics.mjs";
import { isthmus } from "./isthmus.mjs";
import { simdLimit } from "./limit.mjs";
import { memoryBound } from "./memory-bound.mjs";
import { onnxruntime } from "./onnxruntime.mjs";
import { plain } from "./plain.mjs";
import { autoencoder, products, randomOperands, shapesOf } from "./tasks.mjs";
import { tensorflow } from "./tensorflow.mjs";

/** Samples a contender, and the milliseconds for which a sample repeats its work at least. */
const productSamples = { rounds: 5, time: 8 };
const trainingSamples = { rounds: 15, time: 40 };
/** A rival sits out what would take it longer than this, in milliseconds, judged by its speed at fewer rows. */
const patience = 800;

const [, , build, rowCounts] = process.argv;
const shapes = shapesOf(rowCounts.split(",").map(Number));
const limit = await simdLimit(build);
const contenders = [await isthmus(build), await tensorflow(), await onnxruntime(), await plain()];

const report = {
  engine: `Node ${process.version}`,
  build,
  contenders: contenders.map(({ name, version }) => ({ name, version })),
  products: [],
  training: [],
  memoryBound: [],
};
for (const shape of shapes) report.products.push(...(await measureShape(shape)));
report.training = await measureTraining();
report.memoryBound = await measureMemoryBound();
report.limit = median(report.products.map(({ limit }) => limit));
process.stdout.write(JSON.stringify(report));
// TensorFlow.js and ONNX Runtime keep handles open.
process.exit(0);

async function measureShape(shape) {
  const operands = randomOperands(shape);
  const started = [];
  for (const contender of contenders) started.push(await contender.products(shape, operands));
  const operations = 2 * shape.N * shape.K * shape.M;
  const rows = [];
  for (const [product, size] of Object.entries(products)) {
    const present = contenders.flatMap(({ name }, i) => {
      const known = speedBefore(product, shape, name);
      return i > 0 && known && operations / known / 1e6 > patience ? [] : [{ name, work: started[i] }];
    });
    const works = present.map(({ work }) => work[product]);
    for (const work of works) await work();
    agree(
      present.map(({ work }) => work.result(size(shape))),
      `${product} of ${JSON.stringify(shape)}`,
    );
    const [limitTime, ...times] = await interleave([limit.run, ...works], productSamples);
    const speeds = times.map((milliseconds) => operations / milliseconds / 1e6);
    rows.push({
      ...{ product, ...shape },
      limit: limit.operations / limitTime / 1e6,
      gigaflops: byName(present, speeds),
    });
  }
  for (const work of started) await work.stop();
  return rows;
}

function speedBefore(product, { K, M }, name) {
  const row = report.products.find((row) => row.product === product && row.K === K && row.M === M);
  return row?.gigaflops[name];
}

async function measureTraining() {
  const present = contenders.filter(({ training }) => training);
  const started = present.map(({ training }) => training());
  for (let step = 0; step < 20; step++) {
    const losses = started.map((work) => [work.step()]);
    agree(losses, `the loss of step ${step}`);
  }
  const times = await interleave(
    started.map((work) => work.step),
    trainingSamples,
  );
  for (const work of started) work.stop();
  const speeds = times.map((milliseconds) => (autoencoder.batch / milliseconds) * 1000);
  return { ...autoencoder, samplesPerSecond: byName(present, speeds) };
}

/** Gigabytes a second beside those of a copy of as many bytes. */
async function measureMemoryBound() {
  const rows = [];
  for (const { name, bytes, work, copy } of await memoryBound(build)) {
    const [own, other] = await interleave([work, copy], trainingSamples);
    rows.push({ name, bytes, gigabytesPerSecond: bytes / own / 1e6, copy: bytes / other / 1e6 });
  }
  return rows;
}

/** Median milliseconds of each work; the works take turns, so that whatever else the machine does hits them all. */
async function interleave(works, { rounds, time }) {
  const repeats = [];
  for (const work of works) repeats.push(await callsIn(time, work));
  const samples = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < works.length; i++) {
      samples[i].push((await elapsed(works[i], repeats[i])) / repeats[i]);
    }
  }
  return samples.map(median);
}

/** Warms the work up and counts how often it runs in so many milliseconds. */
async function callsIn(time, work) {
  const start = performance.now();
  let calls = 0;
  do {
    await work();
    calls++;
  } while (performance.now() - start < time);
  return calls;
}

async function elapsed(work, repeats) {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const pending = work();
    if (pending instanceof Promise) await pending;
  }
  return performance.now() - start;
}

/** A contender that computes something else would not be a rival. */
function agree([own, ...others], what) {
  const scale = own.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
  for (const other of others) {
    if (other.length !== own.length) throw new Error(`Expected ${own.length} values for ${what}: ${other.length}`);
    const worst = own.reduce((sum, value, i) => Math.max(sum, Math.abs(value - other[i])), 0);
    if (!(worst <= 1e-4 * scale)) throw new Error(`Expected agreement on ${what}: ${worst} apart`);
  }
}

function byName(present, figures) {
  return Object.fromEntries(present.map(({ name }, i) => [name, figures[i]]));
}
