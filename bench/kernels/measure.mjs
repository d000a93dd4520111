// Measures every contender in one process on one thread and writes the figures as JSON to standard output:
//   node bench/kernels/measure.mjs strict|relaxed ROWS,ROWS,...
import { inTurns, mapValues, median, wallTime } from "../frame/index.mjs";
import { isthmus } from "./isthmus.mjs";
import { simdLimit } from "./limit.mjs";
import { memoryBound } from "./memory-bound.mjs";
import { onnxruntime } from "./onnxruntime.mjs";
import { plain } from "./plain.mjs";
import { autoencoder, products, randomOperands, shapesOf } from "./tasks.mjs";
import { tensorflow } from "./tensorflow.mjs";

/** How works are timed: rounds, and the milliseconds for which a round repeats its work. */
const productTurns = { rounds: 5, least: 8, clock: wallTime };
const trainingTurns = { rounds: 15, least: 40, clock: wallTime };
/** A rival sits out what would take it longer than this, in milliseconds, judged by its speed at fewer rows. */
const patience = 800;

const [, , build, rowCounts] = process.argv;
const limit = await simdLimit(build);
const contenders = [await isthmus(build), await tensorflow(), await onnxruntime(), await plain()];

const rows = [];
for (const shape of shapesOf(rowCounts.split(",").map(Number))) rows.push(...(await measureShape(shape)));
const report = {
  ...{ engine: `Node ${process.version}`, build },
  contenders: contenders.map(({ name, version }) => ({ name, version })),
  products: rows,
  training: await measureTraining(),
  memoryBound: await measureMemoryBound(),
  limit: median(rows.map(({ limit }) => limit)),
};
process.stdout.write(JSON.stringify(report));
// TensorFlow.js and ONNX Runtime keep handles open.
process.exit(0);

async function measureShape(shape) {
  const operands = randomOperands(shape);
  const started = {};
  for (const { name, products } of contenders) started[name] = await products(shape, operands);
  const operations = 2 * shape.N * shape.K * shape.M;
  const measured = [];
  for (const [product, size] of Object.entries(products)) {
    const isQuick = (name) => !(operations / speedBefore(product, shape, name) / 1e6 > patience);
    const names = Object.keys(started).filter((name) => name === "isthmus" || isQuick(name));
    const works = Object.fromEntries(names.map((name) => [name, started[name][product]]));
    for (const work of Object.values(works)) await work();
    const made = names.map((name) => started[name].result(size(shape)));
    agree(made, `${product} of ${JSON.stringify(shape)}`);
    const { limit: limitTimes, ...times } = await inTurns({ limit: limit.run, ...works }, productTurns);
    measured.push({
      ...{ product, ...shape, limit: limit.operations / median(limitTimes) / 1e6 },
      gigaflops: mapValues(times, (all) => operations / median(all) / 1e6),
    });
  }
  for (const work of Object.values(started)) await work.stop();
  return measured;
}

function speedBefore(product, { K, M }, name) {
  return rows.find((row) => row.product === product && row.K === K && row.M === M)?.gigaflops[name];
}

async function measureTraining() {
  const present = contenders.filter(({ training }) => training);
  const started = Object.fromEntries(present.map(({ name, training }) => [name, training()]));
  for (let step = 0; step < 20; step++) {
    const losses = Object.values(started).map((work) => [work.step()]);
    agree(losses, `the loss of step ${step}`);
  }
  const works = mapValues(started, ({ step }) => step);
  const times = await inTurns(works, trainingTurns);
  for (const work of Object.values(started)) work.stop();
  const samplesPerSecond = mapValues(times, (all) => (autoencoder.batch / median(all)) * 1000);
  return { ...autoencoder, samplesPerSecond };
}

/** Gigabytes a second beside those of a copy of as many bytes. */
async function measureMemoryBound() {
  const measured = [];
  for (const { name, bytes, work, copy } of await memoryBound(build)) {
    const times = await inTurns({ gigabytesPerSecond: work, copy }, trainingTurns);
    measured.push({ name, bytes, ...mapValues(times, (all) => bytes / median(all) / 1e6) });
  }
  return measured;
}

/** A contender that computes something else would not be a rival. */
function agree([own, ...others], what) {
  const scale = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const other of others) {
    if (other.length !== own.length) throw new Error(`Expected ${own.length} values for ${what}: ${other.length}`);
    const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
    if (!(worst <= 1e-4 * scale)) throw new Error(`Expected agreement on ${what}: ${worst} apart`);
  }
}
