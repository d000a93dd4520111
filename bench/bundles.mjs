// What bundles of the package weigh: npm run bench:bundles. Writes bench/results/bundles.json and prints its section.
import { graphs, sizeOf } from "../scripts/measure-sizes.mjs";
import { report } from "./frame/index.mjs";

const gzipped = {};
for (const [name, contents] of Object.entries(graphs)) gzipped[name] = await sizeOf(contents);
await report("bundles", { gzipped });
