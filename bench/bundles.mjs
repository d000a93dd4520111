// What bundles of the package weigh: npm run bench:bundles. Writes bench/results/bundles.json.
import { graphs, sizeOf } from "../scripts/measure-sizes.mjs";
import { printTable, writeResults } from "./results.mjs";

const gzipped = {};
for (const [name, contents] of Object.entries(graphs)) gzipped[name] = await sizeOf(contents);
await writeResults("bundles", { gzipped });
printTable(
  ["import", "bytes"],
  Object.entries(gzipped).map(([name, size]) => [name, `${size}`]),
);
