// Draws docs/kodak.svg, the rate-distortion chart, from bench/results/kodak.json:
//   npm run bench:chart
import { readFile, writeFile } from "node:fs/promises";
import { loadSource } from "./load-source.mjs";

const { drawChart } = await loadSource();
const results = JSON.parse(await readFile(new URL("results/kodak.json", import.meta.url), "utf8"));
const chart = drawChart(results, `${results.images.count} Kodak photos, embedded model ${results.model.id}`);
await writeFile(new URL("../docs/kodak.svg", import.meta.url), chart);
