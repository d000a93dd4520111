// Dense products and training steps on one thread beside TensorFlow.js, ONNX Runtime and plain JavaScript.
//   npm run bench:kernels -- [--rows 64,256,1024,4096]
// Writes bench/results/kernels.json and prints its section.
import { existsSync } from "node:fs";
import { optionsOf } from "./frame/options.mjs";
import { place } from "./frame/places.mjs";
import { newerNodes, runProgram } from "./frame/programs.mjs";
import { report } from "./frame/results.mjs";
import { geometricMean } from "./frame/statistics.mjs";

const { rows } = optionsOf({ rows: [64, 256, 1024, 4096] });
const newerNode = newerNodes.at(-1);
const measure = async (node, build) =>
  JSON.parse(await runProgram(node, [place("bench/kernels/measure.mjs"), build, rows.join(",")]));

const runs = [await measure(process.execPath, "strict")];
if (existsSync(newerNode)) runs.push(await measure(newerNode, "strict"), await measure(newerNode, "relaxed"));
for (const run of runs) run.summary = summarise(run);
await report("kernels", { threads: 1, runs });

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
