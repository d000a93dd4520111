// Dense products and training steps on one thread beside TensorFlow.js, ONNX Runtime and plain JavaScript.
//   npm run bench:kernels -- [--rows 64,256,1024,4096]
// Writes bench/results/kernels.json and prints its section.
import { existsSync } from "node:fs";
import { geometricMean, mapValues, newerNodes, optionsOf, place, report, runProgram } from "./frame/index.mjs";

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
  const meansOver = (rows) => {
    const rivals = Object.assign({}, ...rows.map(({ gigaflops: { isthmus, ...others } }) => others));
    const timesOf = (_, rival) => {
      const both = rows.map(({ gigaflops }) => gigaflops.isthmus / gigaflops[rival]).filter(Number.isFinite);
      return geometricMean(both);
    };
    return {
      percentOfLimit: 100 * geometricMean(rows.map(({ gigaflops, limit }) => gigaflops.isthmus / limit)),
      times: mapValues(rivals, timesOf),
    };
  };
  const kinds = Object.fromEntries(products.map(({ product }) => [product, product]));
  const { isthmus, ...rivals } = training.samplesPerSecond;
  return {
    ...mapValues(kinds, (kind) => meansOver(products.filter(({ product }) => product === kind))),
    all: meansOver(products),
    trainingTimes: mapValues(rivals, (speed) => isthmus / speed),
  };
}
